import type { StopReason } from "../explore/index.ts";

const FOUND = 0;
const INTERRUPTED = 1;

/** What searches in several threads tell each other; lies in memory that they share. */
export class StopFlags {
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#flags = new Int32Array(memory);
  }

  /** A search has found something. */
  found(): void {
    Atomics.store(this.#flags, FOUND, 1);
  }

  /** Somebody has seen enough. */
  interrupt(): void {
    Atomics.store(this.#flags, INTERRUPTED, 1);
  }

  get isInterrupted(): boolean {
    return Atomics.load(this.#flags, INTERRUPTED) === 1;
  }

  /** Why a search should end; `heedsOthers`: also because another one has found something. */
  reason(heedsOthers: boolean): StopReason | undefined {
    if (this.isInterrupted) return "interrupted";
    return heedsOthers && Atomics.load(this.#flags, FOUND) === 1 ? "found" : undefined;
  }
}
