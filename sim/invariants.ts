import type { ViolationClass } from "./oracle/index.ts";

/** What a machine with swap promises, whatever happens to it. Known bugs are sorted by the promise they break. */
export const INVARIANTS = {
  I1: "a page fault returns the bytes last written",
  I2: "no swap write lands on bytes of somebody else",
  I3: "no snapshot and no other file changes because of swap",
  I4: "swapon that fails leaves nothing behind",
  I5: "somebody can always go on",
  I6: "no operation is refused, and no setting kept, without a reason that still lives",
  I7: "the slots in use are those that header and mapping both cover",
  I8: "what swap was told is written survives a restart of device or server",
  I9: "a read that fails gives SIGBUS, never other bytes",
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** The promises that a violation of each class breaks; an explorer names the first. */
export const BROKEN_BY: Readonly<Record<ViolationClass, readonly Invariant[]>> = {
  A: ["I1", "I8", "I9"],
  B: ["I2"],
  C: ["I2"],
  D: ["I1"],
  E: ["I1"],
  F: ["I3"],
  G: ["I1", "I8"],
  H: ["I8"],
  L: ["I1", "I8"],
};
