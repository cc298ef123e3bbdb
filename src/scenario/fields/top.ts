import type { FieldDeclarations } from "../declared.ts";

/** Keys at the top of the file that hold one value. */
export const TOP_FIELDS: FieldDeclarations = {
  name: { type: "text", meaning: "what the scenario is about, for reports" },
  seed: {
    type: "text",
    default: "1",
    meaning:
      "start of all random streams: a number or any text, as it is written; the same seed gives the same run",
  },
  duration: {
    type: "duration",
    min: 1,
    meaning: "how long the machine runs; tasks without an end run until then",
  },
};

/** Bounds of one counter at the end of the run. */
export const COUNTER_FIELDS: FieldDeclarations = {
  atLeast: { type: "number", default: 0, meaning: "lowest value that is right" },
  atMost: { type: "number", optional: true, meaning: "highest value that is right; left out: any" },
};

/** Keys at the top of the file, in the order in which they are best written. */
export const TOP_KEYS: readonly string[] = [
  "name",
  "conformance",
  "bug",
  "seed",
  "machine",
  "costs",
  "cgroups",
  "storage",
  "filesystem",
  "swap",
  "strategies",
  "tasks",
  "duration",
  "timeline",
  "explore",
  "expect",
  "counters",
  "faults",
];
