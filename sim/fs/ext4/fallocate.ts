import { PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { ByteRange, FallocateMode } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { pagesWith } from "../vfs/index.ts";
import type { Ext4File } from "./file.ts";
import { fillHoles } from "./file-io.ts";
import type { Volume } from "./volume.ts";

/** ext4_fallocate under the inode lock, after all who refuse. */
export function fallocate(
  volume: Volume,
  file: Ext4File,
  mode: FallocateMode,
  range: ByteRange,
): Errno | undefined {
  const { first, count } = pagesWith(range);
  const end = first + count;
  if (mode === "collapse" || mode === "insert") return shift(volume, file, mode, range);
  if (mode === "punch-hole" || mode === "zero-range") {
    const inside = Math.min(end, file.size) - first;
    if (inside > 0) {
      volume.freeRange(file, first, inside);
      volume.context.observer.removed(file.owner, first, inside);
    }
    if (mode === "punch-hole") return undefined;
  }
  const { smallBlocks } = volume;
  const errno =
    mode === "allocate" && smallBlocks?.isTail(file, range)
      ? smallBlocks.append(file, range)
      : fillHoles(volume, file, first, count);
  if (errno === undefined && mode !== "keep-size") file.size = Math.max(file.size, end);
  return errno;
}

/** FALLOC_FL_COLLAPSE_RANGE and INSERT_RANGE: what lies behind the range moves to another place in the file. */
function shift(
  volume: Volume,
  file: Ext4File,
  mode: "collapse" | "insert",
  range: ByteRange,
): Errno | undefined {
  const isMultipleOf = (size: number): boolean => range.from % size === 0 && range.to % size === 0;
  if (!isMultipleOf(volume.blockSize)) return "EINVAL";
  if (isMultipleOf(PAGE_SIZE)) return shiftPages(volume, file, mode, pagesWith(range));
  // The kernel takes the others too; contents that move by a part of a page are beyond the model.
  return mode === "collapse" ? volume.smallBlocks?.collapse(file, range) : "EOPNOTSUPP";
}

function shiftPages(
  volume: Volume,
  file: Ext4File,
  mode: "collapse" | "insert",
  { first, count }: { readonly first: Pages; readonly count: Pages },
): Errno | undefined {
  if (first + (mode === "collapse" ? count : 0) >= file.size) return "EINVAL";
  const { observer } = volume.context;
  if (mode === "collapse") volume.freeRange(file, first, count);
  const behind = mode === "collapse" ? first + count : first;
  const by = mode === "collapse" ? -count : count;
  const moved = file.extents.remove(behind, file.size - behind);
  for (const extent of moved) file.extents.insert({ ...extent, first: extent.first + by });
  observer.removed(file.owner, first, file.size - first);
  for (const { first: index, count: blocks, block, written } of moved) {
    if (!written) continue;
    for (let offset = 0; offset < blocks; offset++) {
      observer.wrote(file.owner, index + by + offset, 1, volume.device.contents.generationAt(block + offset));
    }
  }
  file.size += by;
  return undefined;
}
