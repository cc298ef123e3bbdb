import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";

/** Up and down the address space. The first and the last page are touched once at each turn. */
export const pingpong: PatternEntry = definePattern({
  name: "pingpong",
  summary: "Goes through the pages in ascending, then in descending order, again and again.",
  source: "measured workload program, pattern pingpong",
  parameters: { ...commonParameters, pages: { ...commonParameters.pages, min: 2 } },
  draws: 0,
  pages(options) {
    const last = options.number("pages") - 1;
    let page = 0;
    let direction = 1;
    return (batch, start, count) => {
      for (let index = start; index < start + count; index++) {
        batch[index] = page;
        if (page === last) direction = -1;
        else if (page === 0) direction = 1;
        page += direction;
      }
    };
  },
});
