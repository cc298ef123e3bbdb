import { EventQueue } from "./event-queue.ts";
import type { Process } from "./process.ts";
import { ReadyQueue } from "./ready-queue.ts";
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
  /** The process works, or a device does for it, until `at`; then it goes on. */
  later(process: Process, at: Instant): void;
  /** The process sleeps until `at`, unless it is resumed before (its ticket then differs). */
  sleep(process: Process, at: Instant): void;
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
  readonly #ready = new ReadyQueue();
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

  sleep(process: Process, at: Instant): void {
    this.later(process, at);
  }

  /** Everybody pending, in order, with the time at which they are due; the agenda is empty afterwards. */
  *drain(): Generator<{ readonly process: Process; readonly at: Instant }> {
    for (;;) {
      const process = this.next(Number.MAX_VALUE);
      if (process === undefined) return;
      yield { process, at: this.now };
    }
  }

  advance(at: Instant): void {
    this.now = at;
  }

  nextAt(): Instant {
    return this.#ready.length > 0 ? this.now : this.#timers.earliest();
  }

  next(until: Instant): Process | undefined {
    for (;;) {
      const due = this.#timers.earliest();
      if (this.#ready.length > 0 && due > this.now) return this.#ready.shift();
      if (due > until || due === Number.POSITIVE_INFINITY) return undefined;
      const handle = this.#timers.pop();
      const process = this.#processes[this.#timers.processOf(handle)]!;
      if (process.ticket !== this.#timers.ticketOf(handle)) continue;
      this.now = due;
      return process;
    }
  }
}
