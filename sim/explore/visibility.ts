import { type Accesses, domainOf, type Key, type Process } from "../engine/index.ts";
import { Clocks } from "./clocks.ts";
import type { Step } from "./execution.ts";

/**
 * Which steps others could notice. The end of an I/O on blocks for which nobody ever raced is seen only by whoever waits
 * for it; it happens at once, and no order of it is tried. Races are learned: when one is seen on blocks that had none,
 * what was explored before is worth nothing and begins again.
 */
export class Visibility {
  readonly #raced = new Set<Key>();

  /** Blocks that somebody has raced for so far. */
  get size(): number {
    return this.#raced.size;
  }

  isInvisible({ apart, willTouch }: Process): boolean {
    if (apart) return true;
    return willTouch !== undefined && !this.isRaced(willTouch());
  }

  /** Somebody has raced for one of these blocks. */
  isRaced(accesses: Accesses): boolean {
    for (const key of accesses.keys()) if (this.#raced.has(key)) return true;
    return false;
  }

  /** Looks for races on blocks in a run; true if there is a new one. */
  learn(steps: readonly Step[]): boolean {
    const before = this.#raced.size;
    for (const key of racedBlocks(steps)) this.#raced.add(key);
    return this.#raced.size > before;
  }
}

/**
 * Blocks that two steps touched of which neither had to come first, and those of an I/O whose end raced with another step
 * for something else, such as the page that was written.
 */
export function racedBlocks(steps: readonly Step[]): ReadonlySet<Key> {
  const raced = new Set<Key>();
  let now: Step;
  const clocks = new Clocks((key, earlier) => {
    if (domainOf(key) === "device blocks") raced.add(key);
    else for (const step of [steps[earlier]!, now]) if (step.forgetful) addBlocks(raced, step);
  });
  for (const [at, step] of steps.entries()) {
    now = step;
    clocks.racesWith(step);
    clocks.add(at, step);
  }
  return raced;
}

function addBlocks(to: Set<Key>, { accesses }: Step): void {
  for (const key of accesses.keys()) if (domainOf(key) === "device blocks") to.add(key);
}
