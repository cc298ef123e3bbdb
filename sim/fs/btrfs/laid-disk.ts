import { assert, PAGE_SIZE, type Pages, pagesOf } from "../../engine/index.ts";
import type { LaidChunk, LaidDisk, LaidFile, LaidPiece } from "../laid-disk.ts";
import type { Extent } from "./extent-tree.ts";
import { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { createInode } from "./namei.ts";
import { profileNamed } from "./profiles.ts";
import { NO_FLAGS } from "./tree-item.ts";
import type { Volumes } from "./volumes.ts";

/** Transaction of everything that is there when the machine starts. */
const MKFS_GENERATION = 1;

/** The chunks of a layout, in place of those that mkfs would make. */
export function layChunks(volumes: Volumes, chunks: readonly LaidChunk[]): void {
  for (const { start, length, type, profile: name, stripes } of chunks) {
    const profile = profileNamed(name);
    const copies = profile.striped ? (stripes.length - profile.parity) / profile.copies : 1;
    volumes.addChunk({
      type,
      profile,
      start: start / PAGE_SIZE,
      length: length / PAGE_SIZE,
      stripes: stripes.map(({ device: id, offset }) => {
        const device = volumes.deviceWithId(id);
        assert(device !== undefined, "a validated layout names devices that there are");
        return { device, physical: offset / PAGE_SIZE };
      }),
      stripeLength: length / PAGE_SIZE / copies,
    });
  }
}

/** An extent, with the generation of its first block if it has contents. */
interface Laid {
  readonly extent: Extent;
  readonly generation: number;
}

/** The files of a layout, each extent at its own address. Several files may name one extent. */
export function layFiles(info: FsInfo, { files }: LaidDisk): void {
  const laid = new Map<number, Laid>();
  for (const file of files) layFile(info, file, laid);
}

function layFile(info: FsInfo, { path, size, nocow, pieces }: LaidFile, laid: Map<number, Laid>): void {
  const flags = { ...NO_FLAGS, nocow, nodatasum: nocow };
  const inode = createInode(info, path, { size: pagesOf(size), flags });
  for (const piece of pieces) {
    const { extent, generation } = laid.get(piece.extent.start) ?? layExtent(info, inode, piece, laid);
    const first = piece.offset / PAGE_SIZE;
    const count = pagesOf(piece.length);
    const offset = piece.extentOffset / PAGE_SIZE;
    inode.insert(new FileExtent(inode.ino, first, count, extent, offset, piece.unwritten));
    if (piece.unwritten) continue;
    if (nocow) fill(info, inode, extent.start + offset, count, { first, generation: generation + offset });
    info.context.observer.wrote(inode.owner, first, count, generation + offset);
  }
}

/** The space is taken, and an extent with checksums gets contents as a whole, however little of it a file names. */
function layExtent(info: FsInfo, inode: Inode, piece: LaidPiece, laid: Map<number, Laid>): Laid {
  const start = piece.extent.start / PAGE_SIZE;
  const count = piece.extent.length / PAGE_SIZE;
  const group = info.volumes.groupAt(start);
  group.free.take(start, count);
  group.reserved += count;
  const generation = info.context.generations.take(count);
  const checksums = inode.nocow ? undefined : { first: generation };
  const extent = info.extents.insert({ group, start, count }, MKFS_GENERATION, { checksums });
  info.trees.touchExtent(start, count, checksums !== undefined);
  const first = (piece.offset - piece.extentOffset) / PAGE_SIZE;
  if (checksums) fill(info, inode, start, count, { first, generation });
  const made = { extent, generation };
  laid.set(piece.extent.start, made);
  return made;
}

function fill(
  { volumes }: FsInfo,
  inode: Inode,
  start: number,
  count: Pages,
  { first, generation }: { readonly first: Pages; readonly generation: number },
): void {
  for (const piece of volumes.piecesOf(volumes.groupAt(start), start, count)) {
    const offset = piece.logical - start;
    for (const { device, block } of piece.places) {
      for (let at = 0; at < piece.count; at++) {
        const index = Math.max(0, first + offset + at);
        device.contents.write(block + at, generation + offset + at, inode.owner, index);
      }
    }
  }
}
