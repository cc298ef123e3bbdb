import type { BlockNumber, Instant, Pages } from "../engine/index.ts";
import type { OwnerId, OwnerTable } from "./contents.ts";

/** What can happen to a piece of a device, as the filesystem and swap see it. */
export const HistoryVerb = {
  /** Given to a file or tree; `owner`, `index` say to whom. */
  Allocated: 0,
  /** No longer referenced; reusable after the next commit. */
  Freed: 1,
  /** The commit made the freed blocks reusable. */
  Unpinned: 2,
  /** The contents were copied elsewhere and the owner now reads there. */
  MovedAway: 3,
  /** A snapshot or clone refers to the blocks as well. */
  Shared: 4,
  /** swapon wrote the addresses down. */
  Captured: 5,
  /** The device forgot the contents. */
  Discarded: 6,
} as const;

const SENTENCE = [
  "blocks were given to",
  "blocks were freed by",
  "the commit made the blocks reusable; they were last of",
  "blocks were copied elsewhere and left behind by",
  "blocks became shared with",
  "swapon wrote down the addresses of",
  "blocks were discarded; they were last of",
] as const;

/** One thing that happened to some blocks, in words. */
export interface HistoryEvent {
  readonly at: Instant;
  readonly what: string;
}

/** Events kept; older ones are overwritten. An estimate: enough for minutes of a busy filesystem. */
const CAPACITY = 1 << 20;
/** An explorer makes a machine for each schedule, most of which note little. */
const GROWTH_START = 1 << 6;

/**
 * What happened to the blocks of a device, newest events kept. Consulted only when a violation must be explained,
 * so noting is a handful of array stores and looking up is a linear walk.
 */
export class BlockHistory {
  #capacity = GROWTH_START;
  #at = new Float64Array(GROWTH_START);
  #verb = new Uint8Array(GROWTH_START);
  #block = new Float64Array(GROWTH_START);
  #count = new Float64Array(GROWTH_START);
  #owner = new Uint32Array(GROWTH_START);
  #index = new Float64Array(GROWTH_START);
  #noted = 0;

  note(at: Instant, verb: number, block: BlockNumber, count: Pages, owner: OwnerId, index: number): void {
    if (this.#noted >= this.#capacity && this.#capacity < CAPACITY) this.#grow();
    const row = this.#noted++ % this.#capacity;
    this.#at[row] = at;
    this.#verb[row] = verb;
    this.#block[row] = block;
    this.#count[row] = count;
    this.#owner[row] = owner;
    this.#index[row] = index;
  }

  /** What happened to one block, oldest first, at most the `limit` newest. `index` names the owner's part in the block. */
  of(block: BlockNumber, owners: OwnerTable, limit = 12): readonly HistoryEvent[] {
    const events: HistoryEvent[] = [];
    const oldest = Math.max(0, this.#noted - this.#capacity);
    for (let number = this.#noted - 1; number >= oldest && events.length < limit; number--) {
      const row = number % this.#capacity;
      const start = this.#block[row]!;
      if (block < start || block >= start + this.#count[row]!) continue;
      const who = owners.describe(this.#owner[row]!, this.#index[row]! + (block - start));
      events.push({ at: this.#at[row]!, what: `${SENTENCE[this.#verb[row]!]!} ${who}` });
    }
    return events.reverse();
  }

  /** Blocks that part `index` of an owner has left behind, and when; newest first. */
  leftBy(owner: OwnerId, index: number): readonly { readonly at: Instant; readonly block: BlockNumber }[] {
    const left: { at: Instant; block: BlockNumber }[] = [];
    const oldest = Math.max(0, this.#noted - this.#capacity);
    for (let number = this.#noted - 1; number >= oldest; number--) {
      const row = number % this.#capacity;
      if (this.#verb[row] !== HistoryVerb.MovedAway || this.#owner[row] !== owner) continue;
      const offset = index - this.#index[row]!;
      if (offset < 0 || offset >= this.#count[row]!) continue;
      left.push({ at: this.#at[row]!, block: this.#block[row]! + offset });
    }
    return left;
  }

  #grow(): void {
    this.#capacity = Math.min(this.#capacity * 2, CAPACITY);
    this.#at = enlarged(this.#at, new Float64Array(this.#capacity));
    this.#verb = enlarged(this.#verb, new Uint8Array(this.#capacity));
    this.#block = enlarged(this.#block, new Float64Array(this.#capacity));
    this.#count = enlarged(this.#count, new Float64Array(this.#capacity));
    this.#owner = enlarged(this.#owner, new Uint32Array(this.#capacity));
    this.#index = enlarged(this.#index, new Float64Array(this.#capacity));
  }
}

function enlarged<Column extends Float64Array | Uint32Array | Uint8Array>(
  old: Column,
  larger: Column,
): Column {
  larger.set(old);
  return larger;
}
