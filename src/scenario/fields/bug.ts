import type { FieldDeclarations } from "../declared.ts";

/** What a known bug says about itself. */
export const BUG_FIELDS: FieldDeclarations = {
  id: { type: "text", meaning: "number of the bug, with a letter where an entry holds several: KB-11b" },
  seen: { type: "text", meaning: "what users saw, in a sentence" },
  source: { type: "text", meaning: "commits, reports or measurements, and the release of the fix" },
  evidence: {
    type: "choice",
    choices: ["commit", "report", "source", "measured", "hypothesis"],
    meaning:
      "what it is known from, at best; a hypothesis was read in the source and has been seen by nobody",
  },
};

/** What must be seen with the fix on; it also has `ok`, steps that answer ok. */
export const BUG_WITNESS_FIELDS: FieldDeclarations = {
  pagesBack: {
    type: "integer",
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "pages that come back from swap, at the least",
  },
};

export const BUG_KEYS: readonly string[] = [
  ...Object.keys(BUG_FIELDS),
  "invariant",
  "fix",
  "witness",
  "schedule",
];

/** A line of the schedule that shows a bug. */
export const SLICE_FIELDS: FieldDeclarations = {
  run: {
    type: "text",
    meaning: "the process that goes on: a task, a step of the timeline or a kernel thread",
  },
  until: {
    type: "text",
    optional: true,
    meaning: "up to where it stands before this function; left out: as far as it can",
  },
};
