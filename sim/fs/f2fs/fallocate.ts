import type { Actor, Pages } from "../../engine/index.ts";
import type { FallocateMode } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { type F2fsFile, HOLE, RESERVED } from "./file.ts";
import { balance } from "./file-io.ts";
import { collectGarbage } from "./gc.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/** f2fs_fallocate under the inode lock, after all who refuse. What is allocated has a place when it is written. */
export function* fallocate(
  volume: Volume,
  file: F2fsFile,
  mode: FallocateMode,
  first: Pages,
  count: Pages,
): Actor<Errno | undefined> {
  const isPlain = mode === "allocate" || mode === "keep-size";
  if (file.isPinned && !isPlain) return "EOPNOTSUPP";
  if (mode === "collapse" || mode === "insert") return shift(volume, file, mode, first, count);
  if (mode === "punch-hole" || mode === "zero-range") {
    const inside = Math.min(first + count, file.size) - first;
    if (inside > 0) {
      volume.freeRange(file, first, inside);
      volume.context.observer.removed(file.owner, first, inside);
    }
    if (mode === "punch-hole") return undefined;
  }
  const { errno, end } = yield* expand(volume, file, first, count);
  if (end > file.size && mode !== "keep-size") file.size = end;
  volume.changed(file);
  return errno;
}

/** How far a file could be expanded. */
interface Expanded {
  readonly errno: Errno | undefined;
  /** One past the last block that it has now; 0 if nothing was added. */
  readonly end: Pages;
}

/** expand_inode_data: reserves blocks; a pinned file gets whole sections of its own, and keeps those that it got. */
function* expand(volume: Volume, file: F2fsFile, first: Pages, count: Pages): Actor<Expanded> {
  yield* balance(volume);
  if (!file.isPinned) {
    const errno = volume.reserve(file, first, count);
    return { errno, end: errno ? 0 : first + count };
  }
  const start = Math.floor(first / BLOCKS_PER_SECTION) * BLOCKS_PER_SECTION;
  const end = first + count;
  for (let at = start; at < end; at += BLOCKS_PER_SECTION) {
    const errno = yield* allocateSection(volume, file, at);
    if (errno) return { errno, end: at === start ? 0 : at };
  }
  return { errno: undefined, end };
}

function* allocateSection(volume: Volume, file: F2fsFile, first: Pages): Actor<Errno | undefined> {
  const { layout, gc } = volume;
  const overprovisioned = layout.sections - layout.userBlocks / BLOCKS_PER_SECTION;
  if (volume.lacksFreeSections(0, overprovisioned)) {
    yield* gc.lock.lock("expand_inode_data: gc_lock");
    const request = { foreground: true, sections: 0, operation: "f2fs_gc" };
    const { errno, sections } = yield* collectGarbage(volume, request);
    if (errno !== "ENODATA" && (errno || sections === 0)) return errno ?? "EAGAIN";
  }
  const full = volume.reserve(file, first, BLOCKS_PER_SECTION);
  if (full) return full;
  if (!volume.logs.beginSection("coldDataPinned")) {
    for (let block = first; block < first + BLOCKS_PER_SECTION; block++)
      if (file.at(block) === RESERVED) volume.setPlace(file, block, HOLE);
    return "ENOSPC";
  }
  for (let block = first; block < first + BLOCKS_PER_SECTION; block++) {
    if (file.at(block) > 0) continue;
    volume.setPlace(file, block, volume.allocate("coldDataPinned", file, block));
    file.unwritten.add(block);
  }
  return undefined;
}

/** FALLOC_FL_COLLAPSE_RANGE and INSERT_RANGE: what lies behind the range moves to another place in the file. */
function shift(
  volume: Volume,
  file: F2fsFile,
  mode: "collapse" | "insert",
  first: Pages,
  count: Pages,
): Errno | undefined {
  if (first + (mode === "collapse" ? count : 0) >= file.size) return "EINVAL";
  const { observer } = volume.context;
  const { size } = file;
  if (mode === "collapse") volume.freeRange(file, first, count);
  const from = mode === "collapse" ? first + count : first;
  const by = mode === "collapse" ? -count : count;
  const behind = Array.from({ length: size - from }, (_, offset) => ({
    block: from + by + offset,
    isWritten: file.hasContents(from + offset),
    place: volume.detach(file, from + offset),
  }));
  observer.removed(file.owner, first, size - first);
  for (const { block, isWritten, place } of behind) {
    if (place === HOLE) continue;
    volume.attach(file, block, place, isWritten);
    if (isWritten) observer.wrote(file.owner, block, 1, volume.device.contents.generationAt(place));
  }
  file.size += by;
  volume.changed(file);
  return undefined;
}
