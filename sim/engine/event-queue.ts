import FastPriorityQueue from "fastpriorityqueue";
import { fail } from "./assert.ts";
import type { Instant } from "./units.ts";

const INITIAL_CAPACITY = 64;
const NOTHING = -1;

/**
 * Pending timers, ordered by (time, sequence): earlier first, at one instant in the order of scheduling. The order
 * is total, so the heap's own tie-breaking never shows.
 *
 * The heap holds integer handles into typed arrays; fresh objects cost four times as much at 100,000 pending.
 * Its `remove` is O(n), so nothing is ever removed: a timer whose ticket is out of date is skipped when popped.
 */
export class EventQueue {
  #at = new Float64Array(INITIAL_CAPACITY);
  #sequence = new Float64Array(INITIAL_CAPACITY);
  #process = new Int32Array(INITIAL_CAPACITY);
  #ticket = new Int32Array(INITIAL_CAPACITY);
  /** Free handles, used as a stack. */
  #free = new Int32Array(INITIAL_CAPACITY);
  #freeCount = 0;
  #nextSequence = 0;
  readonly #heap: FastPriorityQueue<number>;

  constructor() {
    this.#heap = new FastPriorityQueue<number>((a, b) => {
      const at = this.#at;
      const first = at[a]!;
      const second = at[b]!;
      return first < second || (first === second && this.#sequence[a]! < this.#sequence[b]!);
    });
    this.#addFreeHandles(0);
  }

  get size(): number {
    return this.#heap.size;
  }

  push(at: Instant, process: number, ticket: number): void {
    if (this.#freeCount === 0) this.#grow();
    const handle = this.#free[--this.#freeCount]!;
    this.#at[handle] = at;
    this.#sequence[handle] = this.#nextSequence++;
    this.#process[handle] = process;
    this.#ticket[handle] = ticket;
    this.#heap.add(handle);
  }

  /** Time of the earliest timer, stale ones included; infinity if there is none. */
  earliest(): Instant {
    const handle = this.#heap.peek();
    return handle === undefined ? Number.POSITIVE_INFINITY : this.#at[handle]!;
  }

  /** Removes the earliest timer and returns its handle, or -1. The columns of a popped handle stay readable until the next push. */
  pop(): number {
    const handle = this.#heap.poll();
    if (handle === undefined) return NOTHING;
    this.#free[this.#freeCount++] = handle;
    return handle;
  }

  atOf(handle: number): Instant {
    return this.#at[handle]!;
  }

  processOf(handle: number): number {
    return this.#process[handle]!;
  }

  ticketOf(handle: number): number {
    return this.#ticket[handle]!;
  }

  #addFreeHandles(from: number): void {
    for (let handle = this.#at.length - 1; handle >= from; handle--) this.#free[this.#freeCount++] = handle;
  }

  #grow(): void {
    const old = this.#at.length;
    const capacity = old * 2;
    if (capacity > 0x4000_0000) fail("fewer than 2^30 timers are pending");
    this.#at = copyInto(new Float64Array(capacity), this.#at);
    this.#sequence = copyInto(new Float64Array(capacity), this.#sequence);
    this.#process = copyInto(new Int32Array(capacity), this.#process);
    this.#ticket = copyInto(new Int32Array(capacity), this.#ticket);
    this.#free = copyInto(new Int32Array(capacity), this.#free);
    this.#addFreeHandles(old);
  }
}

function copyInto<Column extends Float64Array | Int32Array>(target: Column, source: Column): Column {
  target.set(source);
  return target;
}
