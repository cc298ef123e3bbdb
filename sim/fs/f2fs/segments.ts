import { assert, type BlockNumber, type Instant, type Pages } from "../../engine/index.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";

/** Bits of a block: it holds something now; it held something at the last checkpoint. */
const VALID = 1;
const CHECKPOINTED = 2;

/** Whose block it is, as the segment summary area tells: a block of a file, or one of its nodes. */
export interface Summary {
  /** Number of the inode. */
  readonly inode: number;
  /** Block of the file, or number of the node. */
  readonly index: number;
  readonly isNode: boolean;
}

/**
 * Which blocks of the main area hold something, and for whom: segment information table and segment summary area. A
 * block that was freed may be used again when a checkpoint no longer needs it.
 *
 * Invariant: counters of a section agree with its bits; a section is free only if no bit is set and no log is in it.
 */
export class Segments {
  readonly #main: BlockNumber;
  readonly sections: number;
  readonly #bits: Uint8Array;
  readonly #inode: Int32Array;
  /** Nodes are counted down from -1. */
  readonly #index: Int32Array;
  readonly #valid: Uint16Array;
  readonly #checkpointed: Uint16Array;
  readonly #mtime: Float64Array;
  readonly #isFree: Uint8Array;
  /** What the log that began a section writes: nodes, or blocks of files. */
  readonly #holdsNodes: Uint8Array;
  #free: number;
  #validBlocks: Pages = 0;
  /** Sections whose bits changed since the last checkpoint began. */
  #changed = new Set<number>();

  constructor(main: BlockNumber, sections: number) {
    const blocks = sections * BLOCKS_PER_SECTION;
    this.#main = main;
    this.sections = sections;
    this.#bits = new Uint8Array(blocks);
    this.#inode = new Int32Array(blocks);
    this.#index = new Int32Array(blocks);
    this.#valid = new Uint16Array(sections);
    this.#checkpointed = new Uint16Array(sections);
    this.#mtime = new Float64Array(sections);
    this.#isFree = new Uint8Array(sections).fill(1);
    this.#holdsNodes = new Uint8Array(sections);
    this.#free = sections;
  }

  /** Sections that a log could begin in. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that hold something. */
  get validBlocks(): Pages {
    return this.#validBlocks;
  }

  /** Everything is empty and free again. */
  clear(): void {
    this.#bits.fill(0);
    this.#valid.fill(0);
    this.#checkpointed.fill(0);
    this.#isFree.fill(1);
    this.#mtime.fill(0);
    this.#free = this.sections;
    this.#validBlocks = 0;
    this.#changed.clear();
  }

  sectionOf(block: BlockNumber): number {
    return Math.floor((block - this.#main) / BLOCKS_PER_SECTION);
  }

  startOf(section: number): BlockNumber {
    return this.#main + section * BLOCKS_PER_SECTION;
  }

  /** The block is one of the main area. */
  has(block: BlockNumber): boolean {
    return block >= this.#main && block < this.#main + this.#bits.length;
  }

  validIn(section: number): Pages {
    return this.#valid[section]!;
  }

  checkpointedIn(section: number): Pages {
    return this.#checkpointed[section]!;
  }

  /** Mean time of its writes, weighed by blocks (update_segment_mtime). */
  mtimeOf(section: number): Instant {
    return this.#mtime[section]!;
  }

  isFree(section: number): boolean {
    return this.#isFree[section] === 1;
  }

  isValid(block: BlockNumber): boolean {
    return (this.#bits[block - this.#main]! & VALID) !== 0;
  }

  /** Nobody needs what it holds, and neither would a mount after a power loss. */
  isUsable(block: BlockNumber): boolean {
    return this.#bits[block - this.#main] === 0;
  }

  summaryOf(block: BlockNumber): Summary | undefined {
    if (!this.has(block) || !this.isValid(block)) return undefined;
    const index = this.#index[block - this.#main]!;
    const inode = this.#inode[block - this.#main]!;
    return index < 0 ? { inode, index: -1 - index, isNode: true } : { inode, index, isNode: false };
  }

  /** The section is of the kind that logs of nodes write to. */
  holdsNodes(section: number): boolean {
    return this.#holdsNodes[section] === 1;
  }

  /** A log takes the section. */
  take(section: number, forNodes: boolean): void {
    assert(this.isFree(section), "a log begins in a free section");
    this.#isFree[section] = 0;
    this.#holdsNodes[section] = forNodes ? 1 : 0;
    this.#free--;
  }

  /** Its log has left it, or a discard has ended: free if there is nothing in it. */
  giveBackIfEmpty(section: number): void {
    if (this.isFree(section) || this.#valid[section]! > 0 || this.#checkpointed[section]! > 0) return;
    this.#isFree[section] = 1;
    this.#free++;
  }

  /** The first free section from `from` on, then from the first one (get_new_segment, ALLOC_RIGHT); -1 if there is none. */
  nextFree(from: number): number {
    const right = this.#isFree.indexOf(1, from);
    return right >= 0 ? right : this.#isFree.indexOf(1);
  }

  /** The block holds something from now on (update_sit_entry). */
  setValid(block: BlockNumber, { inode, index, isNode }: Summary, now: Instant): void {
    const at = block - this.#main;
    assert((this.#bits[at]! & VALID) === 0, "a block is given to one owner");
    const section = this.sectionOf(block);
    const valid = this.#valid[section]!;
    this.#mtime[section] = Math.floor((this.#mtime[section]! * valid + now) / (valid + 1));
    this.#bits[at]! |= VALID;
    this.#inode[at] = inode;
    this.#index[at] = isNode ? -1 - index : index;
    this.#valid[section] = valid + 1;
    this.#validBlocks++;
    this.#changed.add(section);
  }

  /** The block belongs to another block of a file from now on. */
  retell(block: BlockNumber, { inode, index }: Summary): void {
    assert(this.isValid(block), "a block that is renamed holds something");
    this.#inode[block - this.#main] = inode;
    this.#index[block - this.#main] = index;
  }

  /** Nobody needs the block any more; it can be used again after the next checkpoint. */
  invalidate(block: BlockNumber): void {
    assert(this.isValid(block), "a block is freed once");
    const section = this.sectionOf(block);
    this.#bits[block - this.#main]! &= ~VALID;
    this.#valid[section]!--;
    this.#validBlocks--;
    this.#changed.add(section);
  }

  /** Empty, but a mount after a power loss would still look here: a checkpoint makes it free (prefree). */
  prefree(isInLog: (section: number) => boolean): readonly number[] {
    return [...this.#changed].filter(
      (section) => !this.isFree(section) && this.#valid[section] === 0 && !isInLog(section),
    );
  }

  /**
   * A checkpoint begins: what it will say is kept. The answer is called when it is on disk, and makes sections free that
   * were empty when it began.
   */
  capture(isInLog: (section: number) => boolean): () => void {
    const kept = [...this.#changed].map((section) => {
      const from = section * BLOCKS_PER_SECTION;
      return { section, bits: this.#bits.slice(from, from + BLOCKS_PER_SECTION) };
    });
    this.#changed = new Set();
    return () => {
      for (const { section, bits } of kept) {
        this.#setCheckpointed(section, bits);
        if (!isInLog(section)) this.giveBackIfEmpty(section);
        // Freed meanwhile: the next checkpoint has to look at it again.
        if (this.#valid[section] !== this.#checkpointed[section]) this.#changed.add(section);
      }
    };
  }

  #setCheckpointed(section: number, bits: Uint8Array): void {
    const from = section * BLOCKS_PER_SECTION;
    let count = 0;
    for (let offset = 0; offset < BLOCKS_PER_SECTION; offset++) {
      const wasValid = (bits[offset]! & VALID) !== 0;
      const present = this.#bits[from + offset]! & VALID;
      this.#bits[from + offset] = present | (wasValid ? CHECKPOINTED : 0);
      if (wasValid) count++;
    }
    this.#checkpointed[section] = count;
  }

  /** A recount; each sentence is something broken. */
  check(): readonly string[] {
    const broken: string[] = [];
    let free = 0;
    let total = 0;
    for (let section = 0; section < this.sections; section++) {
      let valid = 0;
      let checkpointed = 0;
      for (let at = section * BLOCKS_PER_SECTION; at < (section + 1) * BLOCKS_PER_SECTION; at++) {
        if (this.#bits[at]! & VALID) valid++;
        if (this.#bits[at]! & CHECKPOINTED) checkpointed++;
      }
      total += valid;
      if (this.isFree(section)) free++;
      if (this.isFree(section) && valid + checkpointed > 0)
        broken.push(`section ${section} is free and has ${valid} blocks`);
      if (valid !== this.#valid[section])
        broken.push(`section ${section} has ${valid} blocks, not ${this.#valid[section]}`);
      if (checkpointed !== this.#checkpointed[section])
        broken.push(`section ${section} has ${checkpointed} blocks of the checkpoint`);
    }
    if (free !== this.#free) broken.push(`${free} sections are free, not ${this.#free}`);
    if (total !== this.#validBlocks) broken.push(`${total} blocks are valid, not ${this.#validBlocks}`);
    return broken;
  }
}
