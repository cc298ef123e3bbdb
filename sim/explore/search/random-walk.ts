import { openStreams } from "../../engine/index.ts";
import type { Search } from "./search.ts";

/** Any of those who can step, all alike, at every step. */
export const randomWalk: Search = {
  name: "random",
  summary: "at every step any of those who can, all alike",
  source: "uniform random walk, as in shuttle and coyote",
  parameters: {},
  exhaustive: false,
  independent: true,
  begin({ seed }) {
    const random = openStreams(seed).named("explore/random");
    const guide = { answer: ({ options }: { readonly options: number }) => random.below(options) };
    return { bound: -1, next: () => guide, learn: () => {} };
  },
};
