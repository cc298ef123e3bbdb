import { fail } from "./assert.ts";
import { EventQueue } from "./event-queue.ts";
import type { Process } from "./process.ts";
import type { Instant } from "./units.ts";

/**
 * Who steps next. A timed run orders steps by simulated time; a chosen run asks a chooser which of the enabled
 * processes goes on. The models are the same in both.
 */
export interface Agenda {
  /** The time of the step that `next` returned last. */
  readonly now: Instant;
  /** The process goes on at the present instant, after everything that was scheduled before. */
  soon(process: Process): void;
  /** The process goes on at `at`, unless it is resumed before (its ticket then differs). */
  later(process: Process, at: Instant): void;
  /** The process that steps next, or undefined if there is none up to and including `until`. */
  next(until: Instant): Process | undefined;
  /** Time goes on to `at`, at which nothing is due, nor before. */
  advance(at: Instant): void;
  /** When the next step after the present one is due; infinity if nothing is pending. */
  nextAt(): Instant;
}

/** The order of simulated time: (time, sequence), total. */
export class TimedAgenda implements Agenda {
  now: Instant = 0;
  readonly #timers = new EventQueue();
  /**
   * Processes that go on at `now`. Timers due at `now` were set before the instant began, so they come first and
   * a plain queue keeps the order of sequence numbers without storing them.
   */
  #ready: Process[] = [];
  #readyHead = 0;
  readonly #processes: readonly Process[];

  constructor(processes: readonly Process[]) {
    this.#processes = processes;
  }

  soon(process: Process): void {
    this.#ready.push(process);
  }

  later(process: Process, at: Instant): void {
    this.#timers.push(at, process.id, process.ticket);
  }

  advance(at: Instant): void {
    this.now = at;
  }

  nextAt(): Instant {
    return this.#readyHead < this.#ready.length ? this.now : this.#timers.earliest();
  }

  next(until: Instant): Process | undefined {
    for (;;) {
      const due = this.#timers.earliest();
      if (this.#readyHead < this.#ready.length && due > this.now) return this.#shiftReady();
      if (due > until || due === Number.POSITIVE_INFINITY) return undefined;
      const handle = this.#timers.pop();
      const process = this.#processes[this.#timers.processOf(handle)]!;
      if (process.ticket !== this.#timers.ticketOf(handle)) continue;
      this.now = due;
      return process;
    }
  }

  #shiftReady(): Process {
    const process = this.#ready[this.#readyHead++]!;
    if (this.#readyHead === this.#ready.length) {
      this.#ready.length = 0;
      this.#readyHead = 0;
    } else if (this.#readyHead > 4096) {
      this.#ready = this.#ready.slice(this.#readyHead);
      this.#readyHead = 0;
    }
    return process;
  }
}

/** One numbered source of choice. The same answers give the same run. */
export interface Chooser {
  /** Picks one of `options` (at least 1) possibilities, 0-based. `question` says what is being decided. */
  choose(question: string, options: number): number;
}

/** Answers every question with the first possibility: what a timed run does. */
export const firstChoice: Chooser = { choose: () => 0 };

/** Any enabled process may step next; simulated time only counts steps. */
export class ChosenAgenda implements Agenda {
  now: Instant = 0;
  readonly #chooser: Chooser;
  #enabled: { process: Process; ticket: number }[] = [];

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  soon(process: Process): void {
    this.#enabled.push({ process, ticket: process.ticket });
  }

  later(process: Process, _at: Instant): void {
    this.soon(process);
  }

  advance(): void {
    fail("only a timed run knows what is due");
  }

  nextAt(): Instant {
    return this.#enabled.length > 0 ? this.now : Number.POSITIVE_INFINITY;
  }

  next(until: Instant): Process | undefined {
    this.#enabled = this.#enabled.filter(({ process, ticket }) => process.ticket === ticket);
    if (this.#enabled.length === 0 || this.now >= until) return undefined;
    const choice =
      this.#enabled.length === 1 ? 0 : this.#chooser.choose("who steps next", this.#enabled.length);
    const [chosen] = this.#enabled.splice(choice, 1);
    this.now++;
    return chosen!.process;
  }
}
