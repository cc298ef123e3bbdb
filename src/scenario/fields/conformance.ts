import type { FieldDeclarations } from "../declared.ts";

/** What a conformance case says about itself. */
export const CONFORMANCE_FIELDS: FieldDeclarations = {
  row: { type: "text", meaning: "row of the catalogue, such as O-33, or the boot of a measured sequence" },
  source: { type: "text", meaning: "the test, source file or measurement that demands it" },
  class: {
    type: "choice",
    choices: ["activation", "operations", "contents", "faults", "pressure", "measured"],
    meaning: "kind of demand",
  },
  given: { type: "text", meaning: "the state before, in a sentence" },
  must: { type: "text", meaning: "what must come of it, in a sentence" },
  ours: { type: "boolean", default: false, meaning: "proposed by pagestorm, demanded by nobody else" },
};
