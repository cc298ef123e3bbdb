import { type Engine, fail, type Process, WaitQueue } from "./engine/index.ts";
import type { OperationContext } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import type { OperationReport } from "./result.ts";
import { RunningStep } from "./running-step.ts";

/** The steps of a scenario on one machine. They run next to each other, except where one waits for another. */
export class Timeline {
  readonly #steps: readonly RunningStep[];
  /** Woken whenever a step has ended. */
  readonly #ended: WaitQueue;

  constructor(machine: Machine) {
    this.#ended = new WaitQueue(machine.engine, "timeline");
    const { timeline } = machine.scenario;
    this.#steps = timeline.map((step) => new RunningStep(step, machine));
  }

  /** Starts one process for each step. */
  start(engine: Engine, context: OperationContext): void {
    const others = { ended: this.#ended, hasEnded: (id: string) => this.#stepNamed(id).hasEnded };
    for (const step of this.#steps)
      step.process = engine.spawn(step.id, step.run(context, others), { inside: "filesystem" });
  }

  /**
   * The machine loses its power while `current` runs: what is under way ends with the machine, steps that have not begun
   * are still in the hands of the administrator. Returns who lives on.
   */
  cutOff(current: Process): ReadonlySet<Process> {
    const survivors = new Set([current]);
    for (const step of this.#steps) {
      const { process } = step;
      if (!process || process === current || process.state === "done") continue;
      if (step.hasBegun) step.cutOff();
      else survivors.add(process);
    }
    return survivors;
  }

  /** Sends a signal to a step; false if it does not run. */
  interrupt(id: string): boolean {
    return this.#steps.find((step) => step.id === id)?.interrupt() ?? false;
  }

  reports(): readonly OperationReport[] {
    return this.#steps.map((step) => step.report());
  }

  #stepNamed(id: string): RunningStep {
    return this.#steps.find((step) => step.id === id) ?? fail("a validated step exists");
  }
}
