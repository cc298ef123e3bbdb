import { type Actor, delay, type Engine, MICROSECOND, SECOND } from "../../sim/engine/index.ts";
import type { FileBacking } from "../../sim/mm/index.ts";

/** A file on a disk of its own, which takes 100 us for a read, and for each page that is written. */
export class SlowFile implements FileBacking {
  readonly name = "data";
  readonly pages: number;
  /** What was asked for, as "first+count". */
  readonly reads: string[] = [];
  readonly writes: { readonly second: number; readonly pages: string }[] = [];
  failWrites = false;
  readonly #engine: Engine;

  constructor(engine: Engine, pages: number) {
    this.#engine = engine;
    this.pages = pages;
  }

  *read(first: number, count: number): Actor<boolean> {
    this.reads.push(`${first}+${count}`);
    yield delay("the disk reads", 100 * MICROSECOND);
    return true;
  }

  *write(first: number, count: number): Actor<boolean> {
    this.writes.push({ second: Math.floor(this.#engine.now / SECOND), pages: `${first}+${count}` });
    yield delay("the disk writes", count * 100 * MICROSECOND);
    return !this.failWrites;
  }
}
