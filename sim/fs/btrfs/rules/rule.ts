import type { Errno } from "../../errno.ts";

/** Kernels whose rules the model knows, oldest first. A version sorts as a number: 6.1 is 6001. */
export const KERNEL_VERSIONS = {
  "linux-3.18": 3018,
  "linux-5.0": 5000,
  "linux-6.1": 6001,
  "linux-6.18": 6018,
} as const;
export type KernelName = keyof typeof KERNEL_VERSIONS;

/** What a rule leans on. Without the mechanism the rule never fires, and what it protects is lost. */
export type Mechanism =
  | "flag of the swap file"
  | "pin of the swap file"
  | "pin of the block group"
  | "pin of the device"
  | "pin of the subvolume"
  | "exclusive operation"
  | "send in progress"
  | "share count"
  | "flags"
  | "read-only state"
  | "mount state"
  | "layout"
  | "size";

/** One test of a decision list, in the order in which the kernel makes it; the first that fires decides. */
export interface Rule<State> {
  readonly condition: string;
  readonly when: (state: State) => boolean;
  /** Undefined: the operation leaves the thing alone and goes on (balance, scrub). */
  readonly errno: Errno | undefined;
  /** The line of the kernel log, without "BTRFS warning (device …):". */
  readonly message?: (state: State) => string;
  readonly mechanism: Mechanism;
  /** Function of the kernel that has the test. */
  readonly source: string;
  /** First version that has it, and first that has it no more. Left out: always. */
  readonly since?: number;
  readonly until?: number;
}

export type DecisionList<State> = readonly Rule<State>[];

/** What the first rule that fires says. */
export interface Decision {
  readonly errno: Errno | undefined;
  readonly message: string | undefined;
  readonly condition: string;
}

/** The rules of a list that one version has. */
export function rulesOf<State>(list: DecisionList<State>, version: number): DecisionList<State> {
  return list.filter(
    ({ since = 0, until = Number.POSITIVE_INFINITY }) => since <= version && version < until,
  );
}

/** Walks a decision list; undefined if nothing speaks against it. */
export function decide<State>(list: DecisionList<State>, state: State): Decision | undefined {
  const rule = list.find(({ when }) => when(state));
  if (!rule) return undefined;
  return { errno: rule.errno, message: rule.message?.(state), condition: rule.condition };
}
