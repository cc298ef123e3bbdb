import { PAGES_MAX } from "../limits.ts";
import { commonParameters, definePattern, type PatternEntry } from "./pattern.ts";
import { uniformPages } from "./uniform.ts";

/** Uniform accesses to memory that compete with a data file for it. */
export const file: PatternEntry = definePattern({
  name: "file",
  summary: "Picks each page with the same probability and reads or writes a file, page by page, in between.",
  source: "measured workload program, pattern file",
  parameters: {
    ...commonParameters,
    every: {
      type: "integer",
      unit: "accesses",
      default: 1,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      meaning: "one page of the file is read after so many accesses",
    },
    filePages: {
      type: "integer",
      unit: "pages",
      default: 32_768,
      min: 1,
      max: PAGES_MAX,
      meaning: "pages of the file that are read, in ascending order, again and again",
    },
    mapped: {
      type: "boolean",
      default: false,
      meaning: "the file is read with loads from a mapping instead of system calls",
    },
    fileWrites: {
      type: "number",
      default: 0,
      min: 0,
      max: 1,
      meaning:
        "share of the file accesses that overwrite their page by a system call; it is written to disk later",
    },
  },
  draws: 1,
  pages: (options, draws) => uniformPages(options.number("pages"), draws(1)),
  fileReads: (options) => ({
    every: options.number("every"),
    pages: options.number("filePages"),
    mapped: options.flag("mapped"),
    writes: options.number("fileWrites"),
  }),
});
