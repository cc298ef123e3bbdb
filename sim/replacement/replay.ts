import { openStreams, type Pages } from "../engine/index.ts";
import type { ReplacementEntry } from "./replacement.ts";

export interface ReplayOptions {
  /** Different pages; every request is below it. */
  readonly pages: Pages;
  /** Pages that fit into memory. */
  readonly capacity: Pages;
  /** Start of what the policy draws, if it draws. */
  readonly seed?: string;
}

/** Requests that find their page not in memory, which is empty at first: demand paging, no readahead, no time. */
export function replay(
  policy: ReplacementEntry,
  requests: Uint32Array,
  { pages, capacity, seed = "replay" }: ReplayOptions,
): number {
  const random = openStreams(seed).named(`replacement/${policy.name}`);
  const memory = policy.create({ pages, capacity, random, future: () => requests });
  let misses = 0;
  for (let index = 0; index < requests.length; index++) {
    if (!memory.access(requests[index]!)) misses++;
  }
  return misses;
}
