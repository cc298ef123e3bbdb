import { domainOf, indexOf, type Key } from "../engine/index.ts";
import type { Step } from "./execution.ts";

/** A step, as others see it: whose, the how-manieth of its process, and what it knows of all processes. */
interface Event {
  readonly at: number;
  readonly process: number;
  readonly count: number;
  readonly clock: readonly number[];
}

/** Who touched a thing last. */
interface Thing {
  change: Event | undefined;
  readonly looks: Map<number, Event>;
}

/** Vector clocks over the steps of one run: which step comes before which in every order that shares the same things. */
export class Clocks {
  readonly #things = new Map<Key, Thing>();
  readonly #onRace: (key: Key, earlier: number) => void;
  readonly #last = new Map<number, Event>();

  /** `onRace` hears of each thing that a step raced for with an earlier one, by number. */
  constructor(onRace: (key: Key, earlier: number) => void = () => {}) {
    this.#onRace = onRace;
  }

  /** Steps, by number, that share something with `step`, are not before it, and so could have come after it. */
  racesWith(step: Step): readonly number[] {
    const own = this.#knownTo(step);
    const races = new Set<number>();
    for (const [key, changes] of step.accesses) {
      // Waking somebody is what lets him step, no race with him.
      if (domainOf(key) === "process" || domainOf(key) === "request") continue;
      this.#forEachConflict(key, changes, (event) => {
        if (event.process === step.process || (own[event.process] ?? 0) >= event.count) return;
        races.add(event.at);
        this.#onRace(key, event.at);
      });
    }
    return [...races];
  }

  /** What a step knows when it begins: what its process knew, and what those knew who woke it. */
  #knownTo(step: Step): readonly number[] {
    const clock = [...(this.#last.get(step.process)?.clock ?? [])];
    for (const key of step.accesses.keys()) {
      if (domainOf(key) !== "process" || indexOf(key) !== step.process) continue;
      this.#forEachConflict(key, true, (event) => join(clock, event.clock));
    }
    return clock;
  }

  /** The next step of the run, number `at`. Returns what it knows of all processes: how many steps of each come before it. */
  add(at: number, step: Step): readonly number[] {
    const before = this.#last.get(step.process);
    const clock = [...(before?.clock ?? [])];
    const know = (event: Event): void => join(clock, event.clock);
    for (const [key, changes] of step.accesses) this.#forEachConflict(key, changes, know);
    const count = (clock[step.process] ?? 0) + 1;
    clock[step.process] = count;
    const event = { at, process: step.process, count, clock };
    this.#last.set(step.process, event);
    for (const [key, changes] of step.accesses) this.#note(key, changes, event);
    return clock;
  }

  /** The last steps on a thing that may not change places with one that looks at it, or changes it. */
  #forEachConflict(key: Key, changes: boolean, visit: (event: Event) => void): void {
    const thing = this.#things.get(key);
    if (!thing) return;
    if (thing.change) visit(thing.change);
    if (changes && thing.looks.size > 0) thing.looks.forEach(visit);
  }

  #note(key: Key, changes: boolean, event: Event): void {
    let thing = this.#things.get(key);
    if (!thing) {
      thing = { change: undefined, looks: new Map() };
      this.#things.set(key, thing);
    }
    if (changes) {
      thing.change = event;
      thing.looks.clear();
    } else {
      thing.looks.set(event.process, event);
    }
  }
}

function join(into: number[], other: readonly number[]): void {
  for (let at = 0; at < other.length; at++) {
    const count = other[at] ?? 0;
    if (count > (into[at] ?? 0)) into[at] = count;
  }
}
