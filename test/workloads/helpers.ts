import type { AccessSource } from "../../sim/mm/index.ts";
import { type PatternOptions, patterns } from "../../workloads/index.ts";

/** The first accesses of a source, at most `limit`, taken in batches of the given sizes (over and over). */
export function take(source: AccessSource, limit: number, batchSizes: readonly number[] = [1024]): number[] {
  const accesses: number[] = [];
  for (let round = 0; accesses.length < limit; round++) {
    const batch = new Uint32Array(Math.min(batchSizes[round % batchSizes.length]!, limit - accesses.length));
    const count = source.fill(batch);
    if (count === 0) break;
    accesses.push(...batch.subarray(0, count));
  }
  return accesses;
}

/** Accesses as people write them: page numbers, a star after those that write. */
export function inWords(accesses: readonly number[]): string {
  return accesses.map((access) => `${access >>> 1}${access & 1 ? "*" : ""}`).join(" ");
}

/** The first accesses of a pattern in words. */
export function begins(pattern: string, options: PatternOptions, count: number): string {
  return inWords(take(patterns.require(pattern).create(options), count));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Cuts bytes at the given places (any whole numbers from 0). */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}
