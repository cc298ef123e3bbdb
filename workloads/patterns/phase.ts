import { PAGES_MAX } from "../limits.ts";
import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";
import { modulo } from "./split-mix.ts";

/** A working set that moves on from time to time. */
export const phase: PatternEntry = definePattern({
  name: "phase",
  summary: "Picks pages of a window with the same probability; the window moves on at intervals.",
  source: "measured workload program, pattern phase",
  parameters: {
    ...commonParameters,
    window: { type: "integer", unit: "pages", min: 1, max: PAGES_MAX, meaning: "size of the window" },
    interval: {
      type: "integer",
      unit: "accesses",
      default: 1,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      meaning: "the window stays where it is for so many accesses",
    },
    step: { type: "integer", unit: "pages", default: 1, min: 0, max: PAGES_MAX, meaning: "how far it moves" },
  },
  draws: 1,
  pages(options, draws) {
    const pages = options.number("pages");
    const window = options.number("window");
    const interval = options.number("interval");
    const step = options.number("step") % pages;
    const places = draws(1);
    let base = 0;
    let leftHere = interval;
    return (batch, start, count) => {
      places.draw(count);
      for (let index = 0; index < count; index++) {
        if (leftHere === 0) {
          base = (base + step) % pages;
          leftHere = interval;
        }
        leftHere--;
        batch[start + index] = (base + modulo(places.high[index]!, places.low[index]!, window)) % pages;
      }
    };
  },
});
