import type { PageFiller } from "./generated-accesses.ts";
import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";
import { modulo, type SplitMix64 } from "./split-mix.ts";

/** Every page is as likely as every other. */
export const uniform: PatternEntry = definePattern({
  name: "uniform",
  summary: "Picks each page with the same probability.",
  source: "measured workload program, pattern uniform",
  parameters: commonParameters,
  draws: 1,
  pages: (options, draws) => uniformPages(options.number("pages"), draws(1)),
});

/** Pages drawn with equal probability. */
export function uniformPages(pages: number, draws: SplitMix64): PageFiller {
  return (batch, start, count) => {
    draws.draw(count);
    const { high, low } = draws;
    for (let index = 0; index < count; index++) {
      batch[start + index] = modulo(high[index]!, low[index]!, pages);
    }
  };
}
