import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";
import { FRACTIONS, fraction, modulo } from "./split-mix.ts";

/** A small hot set and a large cold one. */
export const hotcold: PatternEntry = definePattern({
  name: "hotcold",
  summary: "Picks a page of the hot set with the given probability, else one of the cold set.",
  source: "measured workload program, pattern hotcold",
  parameters: {
    ...commonParameters,
    pages: { ...commonParameters.pages, min: 2 },
    hot: {
      type: "number",
      default: 0.1,
      min: 0,
      max: 1,
      meaning: "share of the pages that are hot; at least one page is hot and at least one is cold",
    },
    probability: { type: "number", default: 0.9, min: 0, max: 1, meaning: "share of accesses to hot pages" },
  },
  draws: 2,
  pages(options, draws) {
    const pages = options.number("pages");
    const hotPages = Math.min(Math.max(Math.floor(options.number("hot") * pages), 1), pages - 1);
    const coldPages = pages - hotPages;
    const hotBelow = options.number("probability") * FRACTIONS;
    const temperature = draws(1);
    const place = draws(2);
    return (batch, start, count) => {
      temperature.draw(count);
      place.draw(count);
      for (let index = 0; index < count; index++) {
        const isHot = fraction(temperature.high[index]!, temperature.low[index]!) < hotBelow;
        const among = isHot ? hotPages : coldPages;
        batch[start + index] = (isHot ? 0 : hotPages) + modulo(place.high[index]!, place.low[index]!, among);
      }
    };
  },
});
