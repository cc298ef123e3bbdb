import { type Actor, park, step } from "./actor.ts";
import { removeAt } from "./arrays.ts";
import { assert } from "./assert.ts";
import type { Engine } from "./engine.ts";
import type { Holdable } from "./locks.ts";
import type { Process } from "./process.ts";

interface Range {
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  readonly process: Process;
}

const isRange = (range: Range, start: number, end: number): boolean =>
  range.start === start && range.end === end;
const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;

/** Exclusive locks on ranges of one file (the extent lock of btrfs). Overlapping requests wait in order of arrival. */
export class RangeLock implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #index: number;
  readonly #held: Range[] = [];
  readonly #waiting: Range[] = [];

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = name;
  }

  holders(): readonly Process[] {
    return this.#held.map((range) => range.process);
  }

  /** Who is in the way of a process that waits; it may hold other ranges itself. */
  holdersInTheWayOf(process: Process): readonly Process[] {
    const wanted = this.#waiting.find((range) => range.process === process);
    if (!wanted) return [];
    const ahead = this.#waiting.slice(0, this.#waiting.indexOf(wanted));
    return [...this.#held, ...ahead].filter((range) => overlaps(range, wanted)).map((range) => range.process);
  }

  *lock(label: string, start: number, end: number): Actor {
    assert(start < end, "a locked range is not empty");
    if (this.#engine.exploring) yield step(label, this);
    this.#engine.touch("lock", this.#index, true);
    const range: Range = { start, end, process: this.#engine.current };
    if (this.#isFree(range, this.#waiting)) {
      this.#held.push(range);
      return;
    }
    this.#waiting.push(range);
    yield park(label, this);
  }

  /** Takes the range if nobody is in the way. An explorer lets others in first, so it is sent to `lock`. */
  tryLock(start: number, end: number): boolean {
    if (this.#engine.exploring) return false;
    const range: Range = { start, end, process: this.#engine.current };
    if (!this.#isFree(range, this.#waiting)) return false;
    this.#held.push(range);
    return true;
  }

  unlock(start: number, end: number): void {
    this.#engine.touch("lock", this.#index, true);
    let index = 0;
    while (index < this.#held.length && !isRange(this.#held[index]!, start, end)) index++;
    assert(index < this.#held.length, "a range is unlocked as it was locked");
    removeAt(this.#held, index);
    if (this.#waiting.length > 0) this.#grant();
  }

  #isFree(range: Range, ahead: readonly Range[]): boolean {
    for (const other of this.#held) if (overlaps(range, other)) return false;
    for (const other of ahead) if (overlaps(range, other)) return false;
    return true;
  }

  #grant(): void {
    for (let index = 0; index < this.#waiting.length; ) {
      const range = this.#waiting[index]!;
      if (!this.#isFree(range, this.#waiting.slice(0, index))) {
        index++;
        continue;
      }
      removeAt(this.#waiting, index);
      this.#held.push(range);
      this.#engine.wake(range.process);
    }
  }
}
