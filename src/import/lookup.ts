import type { ChunkTree, DumpedChunk, DumpedExtent } from "./dump-tree.ts";
import type { FragmentRow } from "./filefrag.ts";

/** The chunk that holds an address. */
export function chunkAt({ chunks }: ChunkTree, address: number): DumpedChunk | undefined {
  return chunks.find(({ start, length }) => address >= start && address < start + length);
}

/** An inline extent has no address, and the line of a compressed one does not say how long it is on the disk. */
export function isWithoutPlace({ flags }: FragmentRow): boolean {
  return flags.includes("inline") || flags.includes("encoded");
}

/** A part of a data extent. */
export interface ExtentPart {
  readonly extent: DumpedExtent;
  readonly address: number;
  readonly length: number;
}

/** The extents that a line of filefrag lies in, up to the first gap. */
export function extentsUnder(
  row: FragmentRow,
  extents: readonly DumpedExtent[],
  starts: readonly number[],
): readonly ExtentPart[] {
  const parts: ExtentPart[] = [];
  const end = row.address + row.length;
  for (let address = row.address; address < end; ) {
    const extent = extents[lowerBound(starts, address)];
    if (!extent || address >= extent.start + extent.length) break;
    const length = Math.min(end, extent.start + extent.length) - address;
    parts.push({ extent, address, length });
    address += length;
  }
  return parts;
}

/** Index of the last start that is not above an address; -1 if there is none. */
function lowerBound(starts: readonly number[], address: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
