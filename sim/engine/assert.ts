/**
 * The third kind of failure: a broken invariant of ours. Outcomes of the simulated machine are results and wrong
 * scenarios are lists of problems; only a defect of pagestorm itself throws.
 */
export class SimulationBug extends Error {
  override readonly name = "SimulationBug";
}

/** Throws a SimulationBug. For branches that cannot be reached and for checks on hot paths (`if (!ok) fail(...)`). */
export function fail(rule: string): never {
  throw new SimulationBug(`broken rule: ${rule}`);
}

/** Checks an invariant, always. `rule` is a constant sentence that says what must hold. */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) fail(rule);
}
