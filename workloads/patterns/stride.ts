import { PAGES_MAX } from "../limits.ts";
import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";

/** Every so manieth page, wrapping at the end. */
export const stride: PatternEntry = definePattern({
  name: "stride",
  summary: "Goes forward by a fixed step and wraps at the end.",
  source: "measured workload program, pattern stride",
  parameters: {
    ...commonParameters,
    step: {
      type: "integer",
      unit: "pages",
      default: 1,
      min: 0,
      max: PAGES_MAX,
      meaning: "distance of accesses",
    },
  },
  draws: 0,
  pages(options) {
    const pages = options.number("pages");
    const step = options.number("step") % pages;
    let page = 0;
    return (batch, start, count) => {
      for (let index = start; index < start + count; index++) {
        batch[index] = page;
        page += step;
        if (page >= pages) page -= pages;
      }
    };
  },
});
