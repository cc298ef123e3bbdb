import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";

/** All pages in ascending order, round and round. */
export const seq: PatternEntry = definePattern({
  name: "seq",
  summary: "Goes through all pages in ascending order, again and again.",
  source: "measured workload program, pattern seq",
  parameters: commonParameters,
  draws: 0,
  pages(options) {
    const pages = options.number("pages");
    let page = 0;
    return (batch, start, count) => {
      for (let index = start; index < start + count; index++) {
        batch[index] = page;
        page = page + 1 === pages ? 0 : page + 1;
      }
    };
  },
});
