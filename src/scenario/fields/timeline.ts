import type { FieldDeclarations } from "../declared.ts";

/** Every step of the timeline; the arguments of its operation stand beside them. */
export const STEP_FIELDS: FieldDeclarations = {
  id: {
    type: "text",
    optional: true,
    meaning: "name of the step in reports; left out: the operation's name",
  },
  at: {
    type: "duration",
    optional: true,
    meaning:
      "when the step begins, before the end of the run; without at, after and when: when the step before has ended",
  },
  says: { type: "text", optional: true, meaning: "text that what the step achieved must contain" },
};
