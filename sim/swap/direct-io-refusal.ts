import type { Pages } from "../engine/index.ts";
import type { FileHandle, Filesystem } from "../fs/index.ts";

/**
 * Why swap through the filesystem cannot use the first `pages` pages of a file, as the kernel's log says it; undefined if
 * it can. A hole would read as zeroes and be filled by a page-out; what is inline or compressed would fall back to
 * buffered I/O, which allocates page cache in the middle of reclaim (Viro on the 2014 series).
 */
export function directIoRefusal(fs: Filesystem, file: FileHandle, pages: Pages): string | undefined {
  for (let block = 0; block < pages; block++) {
    const how = fs.notDirect?.(file, block);
    if (how !== undefined) return `swapfile must not be ${how}`;
    if (!fs.bmap(file, block)) return "swapfile must not have holes";
  }
  return undefined;
}
