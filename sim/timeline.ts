import { type Actor, delay, type Instant, WaitQueue } from "./engine/index.ts";
import { type OperationContext, type OperationResult, operations } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import type { OperationReport } from "./result.ts";
import type { TimelineStep } from "./scenario.ts";

/** Kernel log lines kept of a step. */
const LOG_LINES = 100;

/** One step of the timeline while the machine runs. */
class RunningStep {
  readonly step: TimelineStep;
  readonly #log: string[] = [];
  readonly #ended: WaitQueue;
  #result: OperationResult | undefined;
  #endedAt: Instant | null = null;

  constructor(machine: Machine, step: TimelineStep) {
    this.step = step;
    this.#ended = new WaitQueue(machine.engine, `the end of step ${step.id}`);
  }

  /** Waits for the step's time and for the step before, and carries it out. */
  *run(machine: Machine, context: OperationContext, before: RunningStep | undefined): Actor {
    const { engine } = machine;
    const { at, args, id } = this.step;
    const begun = engine.now;
    if (before) yield* before.waitForEnd();
    const left = begun + at - engine.now;
    if (left > 0) yield delay("sleep until the timeline step", left);
    const hear = (line: string): void => {
      if (this.#log.length < LOG_LINES) this.#log.push(line);
    };
    machine.logListeners.add(hear);
    this.#result = yield* operations.require(this.step.do).run(context, args, id);
    machine.logListeners.delete(hear);
    this.#endedAt = engine.now;
    this.#ended.wakeAll();
  }

  *waitForEnd(): Actor {
    while (this.#endedAt === null) yield this.#ended.wait("wait for the step before");
  }

  report(): OperationReport {
    const { id, at } = this.step;
    return {
      id,
      do: this.step.do,
      at,
      endedAt: this.#endedAt,
      result: this.#result ? (this.#result.errno ?? "ok") : "running",
      achieved: this.#result?.achieved ?? "had not ended when the run stopped",
      skipped: this.#result?.skipped ?? [],
      log: this.#log,
    };
  }
}

/** All steps of a scenario: each begins at its time, or when the one it comes after has ended. */
export class Timeline {
  readonly #machine: Machine;
  readonly #steps: readonly RunningStep[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#steps = machine.scenario.timeline.map((step) => new RunningStep(machine, step));
  }

  start(context: OperationContext): void {
    for (const running of this.#steps) {
      const before = this.#steps.find(({ step }) => step.id === running.step.after);
      this.#machine.engine.spawn("timeline", running.run(this.#machine, context, before));
    }
  }

  reports(): readonly OperationReport[] {
    return this.#steps.map((step) => step.report());
  }
}
