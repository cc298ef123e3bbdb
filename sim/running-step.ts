import { holds } from "./condition.ts";
import {
  type Actor,
  type Instant,
  MILLISECOND,
  type Process,
  sleep,
  type WaitQueue,
} from "./engine/index.ts";
import { type OperationContext, type OperationResult, operations } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import { NOT_BEGUN, type Observation, type OperationReport } from "./result.ts";
import type { TimelineStep } from "./scenario.ts";
import { observe, type StateBefore, stateBefore } from "./step-state.ts";

/** How often a condition is looked at, as a monitor would. */
const CONDITION_INTERVAL = 10 * MILLISECOND;

/** Kernel log lines that a step's report keeps. */
const LOG_LINES = 100;

/** What a step must know about the others. */
export interface OtherSteps {
  readonly ended: WaitQueue;
  hasEnded(id: string): boolean;
}

/** One step of the timeline while the machine runs. */
export class RunningStep {
  readonly #step: TimelineStep;
  readonly #machine: Machine;
  readonly #log: string[] = [];
  #result: OperationResult | undefined;
  #startedAt: Instant | undefined;
  #endedAt: Instant | null = null;
  #observed: readonly Observation[] | undefined;
  #cutOff = false;
  #stopListening: (() => void) | undefined;
  /** Who carries the step out. */
  process: Process | undefined;

  constructor(step: TimelineStep, machine: Machine) {
    this.#step = step;
    this.#machine = machine;
  }

  get id(): string {
    return this.#step.id;
  }

  /** A signal for whoever carries the step out; false if nobody does at the moment. */
  interrupt(): boolean {
    if (!this.process || !this.hasBegun || this.hasEnded) return false;
    this.process.signalledAt = this.#machine.engine.now;
    return true;
  }

  get hasBegun(): boolean {
    return this.#startedAt !== undefined;
  }

  /** The machine lost its power while the operation ran: it never answers. */
  cutOff(): void {
    this.#cutOff = true;
    this.#stopListening?.();
  }

  get hasEnded(): boolean {
    return this.#endedAt !== null;
  }

  /** Waits for the step's time, for the steps before it and for its condition, and carries it out. */
  *run(context: OperationContext, others: OtherSteps): Actor {
    const { engine } = context;
    const { id, do: operation, args } = this.#step;
    yield* this.#wait(others);
    this.#startedAt = engine.now;
    const lines: string[] = [];
    this.#stopListening = this.#machine.listen((line) => {
      lines.push(line);
      if (this.#log.length < LOG_LINES) this.#log.push(line);
    });
    const before = stateBefore(this.#machine, this.#expected);
    this.#result = yield* operations.require(operation).run(context, args, id);
    this.#stopListening();
    this.#look(before, lines);
    this.#endedAt = engine.now;
    const sentAt = this.process?.signalledAt;
    if (sentAt !== undefined) this.#machine.signals.push({ step: id, ignoredFor: engine.now - sentAt });
    others.ended.wakeAll();
  }

  *#wait(others: OtherSteps): Actor {
    const { at, wait = [], when } = this.#step;
    const left = at - this.#machine.engine.now;
    if (left > 0) yield sleep("sleep until the timeline step", left);
    while (!wait.every((id) => others.hasEnded(id))) yield others.ended.wait("wait for a timeline step");
    while (when && !holds(this.#machine, when)) yield sleep("wait for a condition", CONDITION_INTERVAL);
  }

  /** Compares with what the file says about this variant; a look at the machine, which takes no simulated time. */
  #look(before: StateBefore, lines: readonly string[]): void {
    this.#observed = observe(this.#machine, this.#expected, {
      before,
      lines,
      skipped: this.#result?.skipped ?? [],
    });
  }

  get #expected(): Pick<TimelineStep, "log" | "state"> {
    return this.#step;
  }

  report(): OperationReport {
    const { id, at } = this.#step;
    return {
      id,
      do: this.#step.do,
      at: this.#startedAt ?? at,
      endedAt: this.#endedAt,
      result: this.#answer,
      achieved: this.#result?.achieved ?? this.#whyRunning,
      skipped: this.#result?.skipped ?? [],
      log: this.#log,
      ...(this.#observed === undefined ? {} : { observed: this.#observed }),
    };
  }

  get #answer(): string {
    if (this.#result) return this.#result.errno ?? "ok";
    return this.hasBegun ? "running" : NOT_BEGUN;
  }

  get #whyRunning(): string {
    if (this.#cutOff) return "was cut off by a power loss";
    return this.hasBegun ? "had not ended when the run stopped" : "the run stopped before";
  }
}
