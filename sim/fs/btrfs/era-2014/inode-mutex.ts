import { type Actor, type Engine, type Holdable, type Process, park, step } from "../../../engine/index.ts";

/**
 * i_mutex of 3.18: a count, which is not told who unlocks. btrfs_direct_IO unlocks it without having locked it and
 * locks it again at its end (D3). Without debugging that comes to nothing, except that somebody else may
 * get in meanwhile; with it the unlock sets the count to 1 and the lock at the end stays for good.
 */
export class InodeMutex implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #debug: boolean;
  #count = 1;
  readonly #holders: Process[] = [];
  readonly #waiting: Process[] = [];
  /** The last page-out has locked it for nobody. Another one lets the next in. */
  #isStray = false;

  constructor(engine: Engine, name: string, debug: boolean) {
    this.#engine = engine;
    this.name = name;
    this.#debug = debug;
  }

  /** Those who think that they hold it. */
  holders(): readonly Process[] {
    return this.#holders;
  }

  *lock(label: string): Actor {
    if (this.#engine.exploring) yield step(label, this);
    const process = this.#engine.current;
    if (this.#count > 0) this.#count--;
    else {
      this.#waiting.push(process);
      yield park(label, this);
    }
    this.#holders.push(process);
  }

  unlock(): void {
    const index = this.#holders.indexOf(this.#engine.current);
    if (index >= 0) this.#holders.splice(index, 1);
    this.#up();
  }

  /** Why nobody will unlock it; undefined if somebody may. */
  get abandoned(): string | undefined {
    return this.#isStray ? `${this.name}, which a page-out has locked and nobody unlocks` : undefined;
  }

  /** The unlock of somebody who does not hold it. */
  strayUnlock(): void {
    if (this.#debug) this.#count = 0;
    this.#isStray = false;
    this.#up();
  }

  /** The lock that nobody will unlock. */
  *strayLock(label: string): Actor {
    yield* this.lock(label);
    const isBalanced = !this.#debug;
    this.#isStray = this.#debug;
    if (isBalanced) this.#holders.splice(this.#holders.indexOf(this.#engine.current), 1);
  }

  digest(): number {
    return this.#count * 2 + (this.#isStray ? 1 : 0);
  }

  #up(): void {
    const next = this.#waiting.shift();
    if (next) this.#engine.wake(next);
    else this.#count++;
  }
}
