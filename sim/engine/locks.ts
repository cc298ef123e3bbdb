import { type Actor, park, step } from "./actor.ts";
import { removeAt } from "./arrays.ts";
import { assert } from "./assert.ts";
import type { Engine } from "./engine.ts";
import type { Process } from "./process.ts";

/** A lock that says who holds it: an edge of the wait-for graph. */
export interface Holdable {
  readonly name: string;
  holders(): readonly Process[];
}

/** A sleeping lock with one holder. Waiters get it in the order in which they came. */
export class Mutex implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #index: number;
  #holder: Process | undefined;
  readonly #waiting: Process[] = [];

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = name;
  }

  holders(): readonly Process[] {
    return this.#holder ? [this.#holder] : [];
  }

  get locked(): boolean {
    return this.#holder !== undefined;
  }

  *lock(label: string): Actor {
    if (this.#engine.exploring) yield step(label, this);
    this.#engine.touch("lock", this.#index, true);
    const process = this.#engine.current;
    if (this.#holder === undefined) {
      this.#holder = process;
      return;
    }
    this.#waiting.push(process);
    yield park(label, this);
    assert(this.#holder === process, "a mutex is handed to the process that is woken for it");
  }

  tryLock(): boolean {
    this.#engine.touch("lock", this.#index, true);
    if (this.#holder !== undefined) return false;
    this.#holder = this.#engine.current;
    return true;
  }

  unlock(): void {
    this.#engine.touch("lock", this.#index, true);
    assert(this.#holder === this.#engine.current, "a mutex is unlocked by its holder");
    this.#holder = this.#waiting.shift();
    if (this.#holder) this.#engine.wake(this.#holder);
  }
}

interface RwWaiter {
  readonly process: Process;
  readonly exclusive: boolean;
}

/** A reader/writer lock. Strictly in the order of arrival: a waiting writer holds later readers back. */
export class RwLock implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #index: number;
  readonly #readers: Process[] = [];
  #writer: Process | undefined;
  readonly #waiting: RwWaiter[] = [];

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = name;
  }

  holders(): readonly Process[] {
    return this.#writer ? [this.#writer] : this.#readers;
  }

  *lockShared(label: string): Actor {
    yield* this.#acquire(label, false);
  }

  *lockExclusive(label: string): Actor {
    yield* this.#acquire(label, true);
  }

  /** Takes the lock if nobody has it. */
  tryLockExclusive(): boolean {
    this.#engine.touch("lock", this.#index, true);
    if (this.#waiting.length > 0 || !this.#admits(true)) return false;
    this.#take(this.#engine.current, true);
    return true;
  }

  unlockShared(): void {
    const index = this.#readers.indexOf(this.#engine.current);
    assert(index >= 0, "a reader lock is released by one of its readers");
    removeAt(this.#readers, index);
    this.#grant();
  }

  unlockExclusive(): void {
    assert(this.#writer === this.#engine.current, "a writer lock is released by its writer");
    this.#writer = undefined;
    this.#grant();
  }

  *#acquire(label: string, exclusive: boolean): Actor {
    if (this.#engine.exploring) yield step(label, this);
    this.#engine.touch("lock", this.#index, true);
    const process = this.#engine.current;
    if (this.#waiting.length === 0 && this.#admits(exclusive)) {
      this.#take(process, exclusive);
      return;
    }
    this.#waiting.push({ process, exclusive });
    yield park(label, this);
  }

  #admits(exclusive: boolean): boolean {
    return this.#writer === undefined && (!exclusive || this.#readers.length === 0);
  }

  #take(process: Process, exclusive: boolean): void {
    if (exclusive) this.#writer = process;
    else this.#readers.push(process);
  }

  #grant(): void {
    this.#engine.touch("lock", this.#index, true);
    for (let first = this.#waiting[0]; first && this.#admits(first.exclusive); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(first.process, first.exclusive);
      this.#engine.wake(first.process);
    }
  }
}

/** A counter of permits; waiters get them in the order in which they came. */
export class Semaphore {
  readonly name: string;
  readonly #engine: Engine;
  readonly #index: number;
  #permits: number;
  readonly #waiting: Process[] = [];

  constructor(engine: Engine, name: string, permits: number) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = name;
    this.#permits = permits;
  }

  get available(): number {
    return this.#permits;
  }

  /** A permit if there is one. */
  tryAcquire(): boolean {
    this.#engine.touch("lock", this.#index, true);
    if (this.#permits === 0) return false;
    this.#permits--;
    return true;
  }

  /** `on`: what is waited for, if somebody knows who has the permits. */
  *acquire(label: string, on: object = this): Actor {
    if (this.#engine.exploring) yield step(label, this);
    this.#engine.touch("lock", this.#index, true);
    if (this.#permits > 0) {
      this.#permits--;
      return;
    }
    this.#waiting.push(this.#engine.current);
    yield park(label, on);
  }

  release(): void {
    this.#engine.touch("lock", this.#index, true);
    const next = this.#waiting.shift();
    if (next) this.#engine.wake(next);
    else this.#permits++;
  }
}
