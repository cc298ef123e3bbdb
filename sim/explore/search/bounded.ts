import { mix } from "../../engine/index.ts";
import type { Execution } from "../execution.ts";
import { costOf, END, type Guide, type Question } from "../guide.ts";
import type { Search, SearchOptions, SearchRun } from "./search.ts";

/** A question on the present path, and how far its answers have been tried. */
interface Decision {
  readonly options: number;
  /** Every answer but the first costs one of the bound. */
  readonly costly: boolean;
  taken: number;
}

/**
 * All schedules with no preemption, then with one, then with two, and so on up to the bound (iterative context bounding,
 * CHESS). Most known bugs need two at most, and the first one found is a simple one.
 */
class BoundedRun implements SearchRun, Guide {
  bound = -1;
  readonly #options: SearchOptions;
  #path: Decision[] = [];
  /** Answers at the start of the path that repeat an earlier run. */
  #known = 0;
  #used = 0;
  #limit = 0;
  /** A deeper bound would allow something that this one did not. */
  #cut = false;
  /** Least that had been used when a state was reached, by state. */
  #seen = new Map<number, number>();

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  next(): Guide | undefined {
    if (this.#limit > this.#options.bound) return undefined;
    this.#used = 0;
    return this;
  }

  answer(question: Question): number {
    const { number } = question;
    if (number < this.#known) return this.#take(question, this.#path[number]!.taken);
    if (question.ready && this.#options.reduction && this.#wasHere(question)) return END;
    this.#path.push({ options: question.options, costly: costOf(question, 1) > 0, taken: 0 });
    return 0;
  }

  learn(_execution: Execution): void {
    if (this.#backtrack()) return;
    this.bound = this.#cut ? this.#limit : Number.POSITIVE_INFINITY;
    this.#limit = this.#cut ? this.#limit + 1 : Number.POSITIVE_INFINITY;
    this.#cut = false;
    this.#seen = new Map();
  }

  /** What lies before the present path, every branch counting like its neighbours. */
  get share(): number {
    let tried = 0;
    let weight = 1;
    let spent = 0;
    for (const { options, costly, taken } of this.#path) {
      if (costly && spent >= this.#limit) continue;
      weight /= options;
      tried += taken * weight;
      if (costly && taken > 0) spent++;
    }
    return tried;
  }

  #take(question: Question, answer: number): number {
    this.#used += costOf(question, answer);
    return answer;
  }

  /**
   * Whether this state was reached before with as much left to spend; what can follow from here was, or will be, tried
   * from there. Who stepped last matters, because going on is free only for it.
   */
  #wasHere(question: Question): boolean {
    const state = question.state();
    const key = question.couldGoOn ? mix(state, question.ready![0]!.id + 1) : state;
    const before = this.#seen.get(key);
    if (before !== undefined && before <= this.#used) return true;
    this.#seen.set(key, this.#used);
    return false;
  }

  /** The next path: the last decision that has an untried answer within the bound takes it. */
  #backtrack(): boolean {
    for (let decision = this.#path.pop(); decision; decision = this.#path.pop()) {
      const spent = this.#spent();
      if (decision.taken + 1 >= decision.options) continue;
      if (decision.costly && spent >= this.#limit) {
        this.#cut = true;
        continue;
      }
      decision.taken++;
      this.#path.push(decision);
      this.#known = this.#path.length;
      return true;
    }
    this.#known = 0;
    return false;
  }

  #spent(): number {
    let spent = 0;
    for (const { costly, taken } of this.#path) if (costly && taken > 0) spent++;
    return spent;
  }
}

export const bounded: Search = {
  name: "bounded",
  summary: "all schedules with 0, 1, 2, … preemptions up to the bound",
  source:
    "Musuvathi, Qadeer: Iterative context bounding for systematic testing of multithreaded programs (2007)",
  parameters: {},
  exhaustive: true,
  independent: false,
  begin: (options) => new BoundedRun(options),
};
