import type { Pages } from "../engine/index.ts";

/** What an operation did to part of a swap file. */
export type RelocationKind = "moved" | "shared" | "refused" | "skipped";

/**
 * The evidence of relocation: an operation met a slot that held a swapped-out page and moved it, shared it, or was
 * refused or skipped it for a named reason, and that same copy was read back afterwards.
 */
export class WitnessTracker {
  /** Entries met since their last write, with the reason. */
  readonly #met = new Map<number, string>();
  readonly #reasons = new Map<string, number>();
  slotsRelocated = 0;
  slotsReadBack = 0;

  /** An operation met `count` slots from `firstEntry`; `isLive` says whether a page lies in an entry. */
  relocated(
    firstEntry: number,
    count: Pages,
    how: RelocationKind,
    operation: string,
    reason: string,
    isLive: (entry: number) => boolean,
  ): void {
    const key = `${how} by ${operation}: ${reason}`;
    let live = 0;
    for (let entry = firstEntry; entry < firstEntry + count; entry++) {
      if (!isLive(entry)) continue;
      live++;
      if (!this.#met.has(entry)) this.slotsRelocated++;
      this.#met.set(entry, key);
    }
    if (live > 0) this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + live);
  }

  slotWritten(entry: number): void {
    this.#met.delete(entry);
  }

  slotRead(entry: number): void {
    if (this.#met.delete(entry)) this.slotsReadBack++;
  }

  /** How many live slots each operation met, in the order of first meeting. */
  reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#reasons);
  }
}
