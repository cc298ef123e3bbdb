import type { Accesses } from "../../engine/index.ts";
import { Clocks } from "../clocks.ts";
import { dependent } from "../dependence.ts";
import type { Execution, Step } from "../execution.ts";
import { END, type Guide, type Question } from "../guide.ts";
import type { Search, SearchOptions, SearchRun } from "./search.ts";

/** A question on the present path. */
interface Decision {
  /** Numbers of those who could step; undefined if something else was asked. */
  readonly ready: readonly number[] | undefined;
  /** Steps before it. */
  readonly at: number;
  taken: number;
  /** Answers that must be tried. */
  readonly wanted: Set<number>;
  readonly tried: Set<number>;
  /** Next steps of processes, by number, that lead from here to what has been seen. */
  readonly asleep: Map<number, Accesses>;
  /** The step that the present answer led to. */
  step?: Step | undefined;
}

/**
 * Dynamic partial-order reduction with sleep sets: one schedule for each order of the steps that share something, with no
 * bound on preemptions. After each run it looks for races, steps of two processes that share something and could have
 * come the other way round, and wants the other order tried at the earlier one.
 */
class DporRun implements SearchRun, Guide {
  bound = -1;
  readonly #reduction: boolean;
  #path: Decision[] = [];
  /** Questions at the start of the path that repeat an earlier run. */
  #known = 0;
  #done = false;

  constructor({ reduction }: SearchOptions) {
    this.#reduction = reduction;
  }

  next(): Guide | undefined {
    return this.#done ? undefined : this;
  }

  answer(question: Question): number {
    if (question.number < this.#known) return this.#path[question.number]!.taken;
    const ready = question.ready?.map(({ id }) => id);
    const asleep = this.#reduction ? this.#stillAsleep(question.steps) : new Map<number, Accesses>();
    const awake = ready ? ready.findIndex((process) => !asleep.has(process)) : 0;
    if (awake < 0) return END;
    const all = !ready || !this.#reduction;
    const wanted = all ? Array.from({ length: question.options }, (_, answer) => answer) : [awake];
    this.#path.push({
      ready,
      at: question.steps.length,
      taken: awake,
      wanted: new Set(wanted),
      tried: new Set(),
      asleep,
    });
    return awake;
  }

  learn({ steps }: Execution): void {
    if (this.#reduction) this.#findRaces(steps);
    this.#noteTried(steps);
    if (this.#backtrack()) return;
    this.#done = true;
    this.bound = Number.POSITIVE_INFINITY;
  }

  /** Whoever slept at the last question and shares nothing with what was done since. */
  #stillAsleep(steps: readonly Step[]): Map<number, Accesses> {
    const before = this.#path.at(-1);
    const asleep = new Map<number, Accesses>();
    if (!before) return asleep;
    const since = steps.slice(before.at);
    for (const [process, accesses] of before.asleep) {
      const disturbed = since.some((step) => step.process === process || dependent(step.accesses, accesses));
      if (!disturbed) asleep.set(process, accesses);
    }
    return asleep;
  }

  #findRaces(steps: readonly Step[]): void {
    const clocks = new Clocks();
    for (const [at, step] of steps.entries()) {
      for (const earlier of clocks.racesWith(step)) this.#want(steps[earlier]!, step.process);
      clocks.add(at, step);
    }
  }

  /** The question before a step is to be answered with `process`, or with everybody if it could not step there. */
  #want({ question }: Step, process: number): void {
    const decision = this.#path[question];
    if (!decision?.ready) return;
    const answer = decision.ready.indexOf(process);
    if (answer >= 0) decision.wanted.add(answer);
    else for (let any = 0; any < decision.ready.length; any++) decision.wanted.add(any);
  }

  /** Every question notes what the step did that answered it this time. */
  #noteTried(steps: readonly Step[]): void {
    for (const decision of this.#path) {
      decision.tried.add(decision.taken);
      decision.step = steps[decision.at];
    }
  }

  #backtrack(): boolean {
    for (let decision = this.#path.pop(); decision; decision = this.#path.pop()) {
      const { ready, taken, asleep, step } = decision;
      // Everything that can follow this step has been seen now, so taking it later leads nowhere new.
      if (ready && step && step.process === ready[taken]) asleep.set(step.process, step.accesses);
      const next = this.#untried(decision);
      if (next === undefined) continue;
      decision.taken = next;
      this.#path.push(decision);
      this.#known = this.#path.length;
      return true;
    }
    return false;
  }

  #untried({ wanted, tried, ready, asleep }: Decision): number | undefined {
    for (const answer of wanted) {
      const sleeps = this.#reduction && ready && asleep.has(ready[answer]!);
      if (!tried.has(answer) && !sleeps) return answer;
    }
    return undefined;
  }
}

export const dpor: Search = {
  name: "dpor",
  summary: "one schedule for each order of steps that share something, however many preemptions",
  source: "Flanagan, Godefroid: Dynamic partial-order reduction for model checking software (2005)",
  parameters: {},
  exhaustive: true,
  independent: false,
  begin: (options) => new DporRun(options),
};
