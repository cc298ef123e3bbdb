import type { Step } from "./execution.ts";
import type { Guide, Question } from "./guide.ts";

/** One line of a schedule: who goes on, and how far. */
export interface Slice {
  /** Name of the process. */
  readonly run: string;
  /** So many steps; left out: as far as `until`, or as it can. */
  readonly steps?: number;
  /** Up to where it stands before this label. */
  readonly until?: string;
  /** Where it stands afterwards, as it was when the schedule was written; a replay compares. */
  readonly stops?: string;
}

/** The order of steps of a run, as a person would write it down. */
export type Schedule = readonly Slice[];

/** The schedule of steps that were taken; channels of a device have no lines of their own, they serve whoever waits. */
export function scheduleOf(steps: readonly Step[]): Schedule {
  const slices: { run: string; steps: number; stops: string }[] = [];
  for (const { name, stops } of steps) {
    const last = slices.at(-1);
    if (last?.run === name) {
      last.steps++;
      last.stops = stops;
    } else {
      slices.push({ run: name, steps: 1, stops });
    }
  }
  return slices;
}

/** A line of a schedule that the machine could not follow. */
export interface Divergence {
  /** Number of the line, from 0, and of the step of the run. */
  readonly line: number;
  readonly step: number;
  readonly why: string;
}

/**
 * Follows a schedule. Whoever is named goes on as far as the line says; while it waits, devices and kernel threads that no
 * line names serve it. When the lines are used up, who runs goes on and who is ready first goes first.
 */
export class ScheduleGuide implements Guide {
  readonly #schedule: Schedule;
  readonly #named: ReadonlySet<string>;
  #line = 0;
  /** Steps that the present line has taken. */
  #taken = 0;
  /** Where the run left the schedule; undefined if it did not. */
  divergence: Divergence | undefined;
  #counted = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#named = new Set(schedule.map(({ run }) => run));
  }

  answer({ ready, steps }: Question): number {
    if (!ready) return 0;
    this.#count(steps);
    for (; this.#line < this.#schedule.length; this.#nextLine()) {
      const slice = this.#schedule[this.#line]!;
      const at = ready.findIndex(({ name }) => name === slice.run);
      if (at >= 0) return at;
      const helper = ready.findIndex(({ daemon, name }) => daemon && !this.#named.has(name));
      if (helper >= 0) return helper;
      this.#giveUp(slice, steps);
    }
    return 0;
  }

  /** The run is over: what lines still ask for does not come any more. */
  finish(steps: readonly Step[]): void {
    this.#count(steps);
    for (; this.#line < this.#schedule.length; this.#nextLine()) {
      this.#giveUp(this.#schedule[this.#line]!, steps);
    }
  }

  /** Steps of the named process since the last question; those of which there was no choice count as well. */
  #count(steps: readonly Step[]): void {
    for (; this.#counted < steps.length; this.#counted++) {
      const step = steps[this.#counted]!;
      if (this.#isBeyond(step)) this.#nextLine();
      const slice = this.#schedule[this.#line];
      if (!slice || step.name !== slice.run) continue;
      this.#taken++;
      if (slice.steps === this.#taken || slice.until === step.stops) this.#endLine(slice, step, steps);
    }
  }

  /** Whether it is a step of the next line already, which nobody was asked about: the one before went as far as it could. */
  #isBeyond({ name }: Step): boolean {
    const slice = this.#schedule[this.#line];
    const isOpen = slice?.steps === undefined && slice?.until === undefined;
    return isOpen && this.#taken > 0 && name !== slice?.run && name === this.#schedule[this.#line + 1]?.run;
  }

  #endLine(slice: Slice, step: Step, steps: readonly Step[]): void {
    if (slice.stops !== undefined && slice.stops !== step.stops) {
      this.#diverge(steps, `${slice.run} stands before ${step.stops}, not before ${slice.stops}`);
    }
    this.#nextLine();
  }

  /** Nobody can help the named process on: that is what a line without an end waits for, once it has stepped. */
  #giveUp({ run, steps, until }: Slice, taken: readonly Step[]): void {
    if (steps !== undefined) this.#diverge(taken, `${run} cannot go on`);
    else if (until !== undefined) this.#diverge(taken, `${run} does not come to ${until}`);
    else if (this.#taken === 0) this.#diverge(taken, `${run} takes no step`);
  }

  #nextLine(): void {
    this.#line++;
    this.#taken = 0;
  }

  #diverge(steps: readonly Step[], why: string): void {
    this.divergence ??= { line: this.#line, step: steps.length, why };
  }
}
