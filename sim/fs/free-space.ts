import { assert, type BlockNumber, fail, type Pages } from "../engine/index.ts";
import { OrderedMap } from "./ordered-map.ts";

/** Blocks [block, block + count). */
export interface BlockRun {
  readonly block: BlockNumber;
  readonly count: Pages;
}

/** One past the last block of a run. */
export function endOf(run: BlockRun): BlockNumber {
  return run.block + run.count;
}

/**
 * The free blocks of a device (or of part of it) as runs, ascending. With bounds it also keeps the runs by length, so
 * that the longest one is found without a walk.
 *
 * Invariant: runs are not empty, do not overlap and do not touch: neighbours are merged when blocks are given back.
 */
export class FreeSpace {
  readonly #runs = new OrderedMap<BlockRun>();
  readonly #byLength: RunsByLength | undefined;
  #blocks: Pages = 0;
  /** Grows with every change. */
  version = 0;

  constructor(bounds?: BlockRun) {
    this.#byLength = bounds && new RunsByLength(bounds);
  }

  get runs(): number {
    return this.#runs.size;
  }

  /** Free blocks in all. */
  get blocks(): Pages {
    return this.#blocks;
  }

  /** Nothing is free any more. */
  clear(): void {
    this.#runs.clear();
    this.#byLength?.clear();
    this.#blocks = 0;
  }

  /** The run that holds `block`, if it is free. */
  runAt(block: BlockNumber): BlockRun | undefined {
    const run = this.#runs.atOrBefore(block);
    return run && block < endOf(run) ? run : undefined;
  }

  /** Makes blocks free that were not. */
  give(block: BlockNumber, count: Pages): void {
    if (!(count > 0)) fail("free space is given in whole blocks");
    const before = this.#runs.atOrBefore(block);
    const after = this.#runs.atOrAfter(block);
    if ((before && endOf(before) > block) || (after && after.block < block + count)) {
      fail("a block is freed once");
    }
    const joinsBefore = before !== undefined && endOf(before) === block;
    const joinsAfter = after !== undefined && after.block === block + count;
    if (joinsAfter) this.#delete(after);
    if (joinsBefore) this.#byLength?.delete(before);
    const start = joinsBefore ? before.block : block;
    const end = joinsAfter ? endOf(after) : block + count;
    this.#set({ block: start, count: end - start });
    this.#blocks += count;
    this.version++;
  }

  /** Takes exactly these blocks; all of them must be free. */
  take(block: BlockNumber, count: Pages): void {
    const run = this.runAt(block);
    if (!run || block + count > endOf(run) || !(count > 0)) fail("only free blocks are taken");
    this.#delete(run);
    if (block > run.block) this.#set({ block: run.block, count: block - run.block });
    const end = block + count;
    if (end < endOf(run)) this.#set({ block: end, count: endOf(run) - end });
    this.#blocks -= count;
    this.version++;
  }

  #set(run: BlockRun): void {
    this.#runs.set(run.block, run);
    this.#byLength?.set(run);
  }

  #delete(run: BlockRun): void {
    this.#runs.delete(run.block);
    this.#byLength?.delete(run);
  }

  /** The first place at or after `goal` with `want` free blocks in a row; searched from the start if there is none. */
  firstFit(goal: BlockNumber, want: Pages): BlockRun | undefined {
    for (const run of this.runsFrom(goal)) {
      if (run.count >= want) return { block: run.block, count: want };
    }
    for (const run of this.#runs.valuesFrom(0)) {
      if (run.block >= goal) break;
      if (run.count >= want) return { block: run.block, count: want };
    }
    return undefined;
  }

  /** The longest run, the first of several; undefined if nothing is free. */
  longest(): BlockRun | undefined {
    if (this.#byLength) return this.#byLength.longest();
    let best: BlockRun | undefined;
    for (const run of this.#runs.valuesFrom(0)) {
      if (!best || run.count > best.count) best = run;
    }
    return best;
  }

  /** All runs from `from` on, ascending; a run that holds `from` is cut there. Nothing may change meanwhile. */
  *runsFrom(from: BlockNumber): Generator<BlockRun, void, undefined> {
    const first = this.runAt(from);
    if (first && first.block < from) yield { block: from, count: endOf(first) - from };
    yield* this.#runs.valuesFrom(from);
  }
}

/** Runs of a bounded region ordered by length; among equals the lowest is the best. */
class RunsByLength {
  readonly #runs = new OrderedMap<BlockRun>();
  readonly #bounds: BlockRun;

  constructor(bounds: BlockRun) {
    // Keys are length × region + place: exact in a double up to 2^53.
    assert(bounds.count <= 2 ** 26, "a region with runs by length has at most 256 GiB");
    this.#bounds = bounds;
  }

  set(run: BlockRun): void {
    this.#runs.set(this.#keyOf(run), run);
  }

  delete(run: BlockRun): void {
    this.#runs.delete(this.#keyOf(run));
  }

  clear(): void {
    this.#runs.clear();
  }

  longest(): BlockRun | undefined {
    return this.#runs.atOrBefore(Number.MAX_SAFE_INTEGER);
  }

  #keyOf({ block, count }: BlockRun): number {
    return count * this.#bounds.count + (endOf(this.#bounds) - 1 - block);
  }
}
