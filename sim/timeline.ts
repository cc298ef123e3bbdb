import { type Actor, delay, type Instant, type Process } from "./engine/index.ts";
import { type OperationContext, type OperationResult, operations } from "./fs/index.ts";
import type { OperationReport } from "./result.ts";
import type { TimelineStep } from "./scenario.ts";

/** One step of the timeline while the machine runs. */
export class RunningStep {
  readonly #step: TimelineStep;
  #result: OperationResult | undefined;
  #endedAt: Instant | null = null;
  /** Who carries the step out. */
  process: Process | undefined;
  /** The operation has been started. */
  begun = false;
  #cutOff = false;

  constructor(step: TimelineStep) {
    this.#step = step;
  }

  /** Waits for the step's time and carries it out. */
  *run(context: OperationContext): Actor {
    const { engine } = context;
    const { at, args, id } = this.#step;
    if (at > 0) yield delay("sleep until the timeline step", at);
    this.begun = true;
    this.#result = yield* operations.require(this.#step.do).run(context, args, id);
    this.#endedAt = engine.now;
  }

  /** The machine lost its power while the operation ran: it never answers. */
  cutOff(): void {
    this.#cutOff = true;
  }

  report(): OperationReport {
    const { id, at } = this.#step;
    return {
      id,
      do: this.#step.do,
      at,
      endedAt: this.#endedAt,
      result: this.#result ? (this.#result.errno ?? "ok") : "running",
      achieved: this.#result?.achieved ?? this.#whyRunning,
      skipped: this.#result?.skipped ?? [],
    };
  }

  get #whyRunning(): string {
    return this.#cutOff ? "was cut off by a power loss" : "had not ended when the run stopped";
  }
}
