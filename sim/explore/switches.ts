import type { Execution, Step } from "./execution.ts";

/** Preemptions of whoever could have gone on, as searches bound them: a device that serves later is one more. */
export function preemptionsOf({ steps }: Execution): number {
  return steps.filter(({ preempts }) => preempts).length;
}

/** Switches of a run, as people count them. */
export function switchesOf({ steps }: Execution): number {
  return switchesIn(steps).filter((isSwitch) => isSwitch).length;
}

/**
 * Which steps took over from somebody who could have gone on. A device takes over from nobody, and nobody from a device: what
 * it does in between is at its own time.
 */
export function switchesIn(steps: readonly Step[]): readonly boolean[] {
  /** Who could go on when devices stepped. */
  let left: Step | undefined;
  return steps.map((step, at) => {
    const before = steps[at - 1];
    if (step.preempts && before?.forgetful === false) left = before;
    if (step.forgetful) return false;
    const isSwitch = left !== undefined && left.process !== step.process;
    left = undefined;
    return isSwitch;
  });
}
