import { pow } from "../../sim/engine/index.ts";
import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";
import { FRACTIONS, fraction } from "./split-mix.ts";

/** The page of rank r has a weight of (r + 1)^-alpha. */
export const zipf: PatternEntry = definePattern({
  name: "zipf",
  summary: "Picks page r with a probability proportional to (r + 1)^-alpha.",
  source: "measured workload program, pattern zipf",
  parameters: {
    ...commonParameters,
    alpha: { type: "number", default: 1, min: 0, max: 10, meaning: "skew; 0 makes all pages alike" },
  },
  draws: 1,
  pages(options, draws) {
    const cumulative = cumulativeWeights(options.number("pages"), options.number("alpha"));
    const guide = guideTable(cumulative);
    const drawsPerEntry = FRACTIONS / guide.length;
    const ranks = draws(1);
    return (batch, start, count) => {
      ranks.draw(count);
      for (let index = 0; index < count; index++) {
        const wanted = fraction(ranks.high[index]!, ranks.low[index]!);
        let rank = guide[Math.floor(wanted / drawsPerEntry)]!;
        while (cumulative[rank]! <= wanted) rank++;
        batch[start + index] = rank;
      }
    };
  },
});

/**
 * 2^53 times the probability that a rank is not above the index. The last is 2^53, which no draw reaches. Summed in
 * this order, as the measured program does; multiplying by 2^53 changes no bit.
 */
function cumulativeWeights(pages: number, alpha: number): Float64Array {
  const cumulative = new Float64Array(pages);
  let sum = 0;
  for (let rank = 0; rank < pages; rank++) {
    sum += pow(rank + 1, -alpha);
    cumulative[rank] = sum;
  }
  for (let rank = 0; rank < pages; rank++) cumulative[rank] = (cumulative[rank]! / sum) * FRACTIONS;
  return cumulative;
}

/**
 * Where to begin the search for a draw, by its upper bits: the first rank whose cumulative weight is above the
 * smallest such draw. With as many entries as pages a search takes two steps on average (H.-C. Chen and Y. Asau, "On
 * generating random variates from an empirical distribution", 1974). A power of two, so that nothing is rounded.
 */
function guideTable(cumulative: Float64Array): Uint32Array {
  const entries = 2 ** (32 - Math.clz32(cumulative.length - 1));
  const drawsPerEntry = FRACTIONS / entries;
  const guide = new Uint32Array(entries);
  let rank = 0;
  for (let entry = 0; entry < entries; entry++) {
    while (cumulative[rank]! <= entry * drawsPerEntry) rank++;
    guide[entry] = rank;
  }
  return guide;
}
