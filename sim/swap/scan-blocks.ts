/**
 * The scan of generic_swapfile_activate (mm/page_io.c, 6.1): yields the page of the device for each page that swap can use. A
 * page needs `perPage` blocks that lie together and begin at a page boundary of the device; where they do not, the scan
 * goes on with the next block. A hole ends it.
 */
export function* scanBlocks(
  blockOf: (fileBlock: number) => number | undefined,
  fileBlocks: number,
  perPage: number,
): Generator<number | "hole", undefined, undefined> {
  for (let probe = 0; probe + perPage <= fileBlocks; ) {
    const first = blockOf(probe);
    if (first === undefined) {
      yield "hole";
      return undefined;
    }
    const run = first % perPage === 0 ? runFrom(blockOf, probe, first, perPage) : "elsewhere";
    if (run === "hole") {
      yield "hole";
      return undefined;
    }
    if (run === "elsewhere") {
      probe++;
      continue;
    }
    yield first / perPage;
    probe += perPage;
  }
  return undefined;
}

/** Whether the other blocks of the page follow the first one. */
function runFrom(
  blockOf: (fileBlock: number) => number | undefined,
  probe: number,
  first: number,
  perPage: number,
): "together" | "elsewhere" | "hole" {
  for (let offset = 1; offset < perPage; offset++) {
    const block = blockOf(probe + offset);
    if (block === undefined) return "hole";
    if (block !== first + offset) return "elsewhere";
  }
  return "together";
}
