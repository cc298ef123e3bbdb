import FastPriorityQueue from "fastpriorityqueue";

/*
 * The bare loops that cases are compared with: what the same work costs without a simulator around it.
 */

/** CLOCK page replacement on typed arrays: the least a memory simulator can do for an access. */
export class BareClock {
  readonly #frameOf: Int32Array;
  readonly #pageIn: Int32Array;
  readonly #referenced: Uint8Array;
  #hand = 0;
  misses = 0;

  constructor(pages: number, frames: number) {
    this.#frameOf = new Int32Array(pages).fill(-1);
    this.#pageIn = new Int32Array(frames).fill(-1);
    this.#referenced = new Uint8Array(frames);
  }

  /** Bytes for a frame and a page together. */
  static readonly bytesPerPage: number = 4 + 4 + 1;

  /** Does the first `count` accesses of a batch, each `page * 2 + write`. */
  touch(batch: Uint32Array, count: number): void {
    const frameOf = this.#frameOf;
    const referenced = this.#referenced;
    for (let index = 0; index < count; index++) {
      const page = batch[index]! >>> 1;
      const frame = frameOf[page]!;
      if (frame >= 0) referenced[frame] = 1;
      else this.#miss(page);
    }
  }

  #miss(page: number): void {
    this.misses++;
    while (this.#referenced[this.#hand] === 1) {
      this.#referenced[this.#hand] = 0;
      this.#advance();
    }
    const victim = this.#pageIn[this.#hand]!;
    if (victim >= 0) this.#frameOf[victim] = -1;
    this.#pageIn[this.#hand] = page;
    this.#frameOf[page] = this.#hand;
    this.#advance();
  }

  #advance(): void {
    this.#hand = this.#hand + 1 === this.#pageIn.length ? 0 : this.#hand + 1;
  }
}

/** The hold model on the bare queue: takes the earliest of `pending` handles and puts it back later. */
export class BareHold {
  readonly #at: Float64Array;
  readonly #queue: FastPriorityQueue<number>;
  readonly #delays: Int32Array;
  #next = 0;

  /** The length of `delays` is a power of two. */
  constructor(pending: number, delays: Int32Array) {
    const at = new Float64Array(pending);
    this.#at = at;
    this.#delays = delays;
    this.#queue = new FastPriorityQueue<number>((a, b) => at[a]! < at[b]!);
    for (let handle = 0; handle < pending; handle++) {
      at[handle] = this.#nextDelay();
      this.#queue.add(handle);
    }
  }

  run(operations: number): number {
    for (let done = 0; done < operations; done++) {
      const handle = this.#queue.poll()!;
      this.#at[handle]! += this.#nextDelay();
      this.#queue.add(handle);
    }
    return operations;
  }

  #nextDelay(): number {
    return this.#delays[this.#next++ & (this.#delays.length - 1)]!;
  }
}

/** Resumes one endless generator: the least a step of an actor can cost. */
export function bareResumes(operations: number): number {
  const ticks = (function* (): Generator<number, void, void> {
    for (let tick = 0; ; tick++) yield tick;
  })();
  let last = 0;
  for (let done = 0; done < operations; done++) last = ticks.next().value ?? last;
  return last + 1;
}

/** Makes generators that yield `yields` times and runs each to its end: the least an actor can cost. */
export function bareGenerators(count: number, yields: number): number {
  const life = function* (): Generator<number, void, void> {
    for (let step = 0; step < yields; step++) yield step;
  };
  let ended = 0;
  for (let number = 0; number < count; number++) {
    const generator = life();
    while (generator.next().done !== true);
    ended++;
  }
  return ended;
}
