import { type Actor, type Pause, park, parkFor } from "./actor.ts";
import type { Engine } from "./engine.ts";
import type { Process } from "./process.ts";
import type { Duration } from "./units.ts";

/** Processes that wait for something to happen, woken in the order in which they came. */
export class WaitQueue {
  readonly name: string;
  readonly #engine: Engine;
  readonly #index: number;
  #waiting: Process[] = [];

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = name;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** `yield` this to wait until woken. Conditions must be tested again afterwards, as in the kernel. */
  wait(label: string, on: object = this): Pause {
    this.#engine.touch("lock", this.#index, true);
    this.#waiting.push(this.#engine.current);
    return park(label, on);
  }

  /** Waits until woken or until the time is over; true if woken. */
  *waitFor(label: string, duration: Duration, on: object = this): Actor<boolean> {
    this.#engine.touch("lock", this.#index, true);
    const process = this.#engine.current;
    this.#waiting.push(process);
    yield parkFor(label, duration, on);
    if (!process.timedOut) return true;
    this.#waiting = this.#waiting.filter((other) => other !== process);
    return false;
  }

  /** A power loss: whoever waited is no more. */
  abandon(): void {
    this.#waiting = [];
  }

  wakeOne(): boolean {
    this.#engine.touch("lock", this.#index, true);
    const process = this.#waiting.shift();
    if (process === undefined) return false;
    this.#engine.wake(process);
    return true;
  }

  wakeAll(): void {
    this.#engine.touch("lock", this.#index, true);
    // Taken out one by one: an array that is emptied at once has to get its memory anew.
    for (let left = this.#waiting.length; left > 0; left--) this.#engine.wake(this.#waiting.shift()!);
  }
}
