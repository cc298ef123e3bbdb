import type { Accesses } from "./accesses.ts";
import type { Agenda } from "./agenda.ts";
import { assert } from "./assert.ts";
import type { Process } from "./process.ts";
import type { Instant } from "./units.ts";

/** One numbered source of choice. The same answers give the same run. */
export interface Chooser {
  /**
   * Picks one of `options` (at least 2) possibilities, 0-based. `question` says what is being decided, and `touches` what
   * will be touched earlier or later for it, if it is a question of order and nothing else.
   */
  choose(question: string, options: number, touches?: () => Accesses): number;
  /**
   * Picks who steps next, 0-based; asked before every step, even if only one can. If `couldGoOn`, the first is the
   * process that stepped last, and picking another one preempts it. The others stand in the order in which they became
   * ready. A negative number ends the run. Left out: `choose` is asked where there is more than one.
   */
  next?(ready: readonly Process[], couldGoOn: boolean): number;
}

/** Answers every question with the first possibility: nobody is preempted, and who is ready first goes first. */
export const firstChoice: Chooser = { choose: () => 0 };

interface Pending {
  readonly process: Process;
  readonly ticket: number;
  readonly at: Instant;
  readonly asleep: boolean;
}

const isStale = ({ process, ticket }: Pending): boolean => process.ticket !== ticket;

/**
 * Any process that is ready may step next. Work and I/O take as long as the chooser pleases, so whoever works is ready;
 * the clock only follows. A sleeper is ready when its time has come, which it also has when nobody else is ready.
 */
export class ChosenAgenda implements Agenda {
  now: Instant = 0;
  readonly #chooser: Chooser;
  #pending: Pending[] = [];
  #last: Process | undefined;

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  soon(process: Process): void {
    this.#add(process, this.now, false);
  }

  later(process: Process, at: Instant): void {
    this.#add(process, at, false);
  }

  sleep(process: Process, at: Instant): void {
    this.#add(process, at, true);
  }

  advance(at: Instant): void {
    this.now = at;
  }

  nextAt(): Instant {
    let earliest = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending) {
      if (!isStale(pending)) earliest = Math.min(earliest, Math.max(pending.at, this.now));
    }
    return earliest;
  }

  next(until: Instant): Process | undefined {
    this.#pending = this.#pending.filter((pending) => !isStale(pending));
    const ready = this.#ready(until);
    if (ready.length === 0) return undefined;
    const couldGoOn = ready[0]!.process === this.#last && !ready[0]!.asleep;
    const answer = this.#ask(ready, couldGoOn);
    if (answer < 0) return undefined;
    const chosen = ready[answer];
    assert(chosen !== undefined, "a chooser picks one of the possibilities");
    this.#pending.splice(this.#pending.indexOf(chosen), 1);
    this.now = Math.max(this.now, chosen.at);
    this.#last = chosen.process;
    return chosen.process;
  }

  #add(process: Process, at: Instant, asleep: boolean): void {
    this.#pending.push({ process, ticket: process.ticket, at, asleep });
  }

  /** Who may step, the process that stepped last first; if nobody is awake, the sleeper that wakes first. */
  #ready(until: Instant): readonly Pending[] {
    if (this.now >= until) return [];
    const awake = this.#pending.filter(({ asleep, at }) => !asleep || at <= this.now);
    if (awake.length === 0) return this.#firstSleeper(until);
    const last = awake.findIndex(({ process, asleep }) => process === this.#last && !asleep);
    if (last > 0) awake.unshift(...awake.splice(last, 1));
    return awake;
  }

  #firstSleeper(until: Instant): readonly Pending[] {
    let first: Pending | undefined;
    for (const pending of this.#pending) if (!first || pending.at < first.at) first = pending;
    return first && first.at <= until ? [first] : [];
  }

  #ask(ready: readonly Pending[], couldGoOn: boolean): number {
    if (this.#chooser.next)
      return this.#chooser.next(
        ready.map(({ process }) => process),
        couldGoOn,
      );
    return ready.length === 1 ? 0 : this.#chooser.choose("who steps next", ready.length);
  }
}
