import { fail } from "../engine/index.ts";

/** Blocks per chunk of the sparse store: 4 MiB of device, 12 KiB of memory. */
const CHUNK_BLOCKS = 1024;

/**
 * Contents are generations: a 4 KiB block or page holds one number. 0 is zeroes; every swap-out of a page that was
 * stored to and every file write draws a fresh one, so two blocks hold the same bytes only if one is a copy.
 */
export type Generation = number;

/** Hands out fresh generations. One per machine. */
export class GenerationCounter {
  #last: Generation = 0;

  /** `count` consecutive fresh generations; returns the first. */
  take(count = 1): Generation {
    const first = this.#last + 1;
    this.#last += count;
    if (this.#last > 0xffff_ffff) fail("a run writes fewer than 2^32 blocks");
    return first;
  }
}

/** Number of an owner of bytes in an OwnerTable; 0 is nobody. */
export type OwnerId = number;

/** Who can own bytes: a task's memory, a file, a snapshot's file, a metadata tree, a swap header. */
export type OwnerKind = "nobody" | "memory" | "file" | "snapshot-file" | "metadata" | "header";

export interface Owner {
  readonly id: OwnerId;
  readonly kind: OwnerKind;
  /** As a person would say it: "task browser", "/db", "tree extent". */
  readonly name: string;
}

const NOBODY: Owner = { id: 0, kind: "nobody", name: "nobody" };
const UNIT: Readonly<Record<OwnerKind, string>> = {
  nobody: "",
  memory: "page",
  file: "block",
  "snapshot-file": "block",
  metadata: "node",
  header: "block",
};

/** Everything that can own bytes, by number. */
export class OwnerTable {
  readonly #owners: Owner[] = [NOBODY];

  add(kind: OwnerKind, name: string): Owner {
    const owner: Owner = { id: this.#owners.length, kind, name };
    this.#owners.push(owner);
    return owner;
  }

  get(id: OwnerId): Owner {
    return this.#owners[id] ?? fail("an owner is in its table");
  }

  /** "page 12 of task browser", "block 7 of /db", "nobody". */
  describe(id: OwnerId, index: number): string {
    const owner = this.get(id);
    return owner.kind === "nobody" ? "nobody" : `${UNIT[owner.kind]} ${index} of ${owner.name}`;
  }
}

/** What one block holds and who wrote it there. */
export interface BlockContent {
  readonly generation: Generation;
  readonly owner: OwnerId;
  /** Which page, file block or node of the owner. */
  readonly index: number;
}

export const ZEROES: BlockContent = { generation: 0, owner: 0, index: 0 };

/** What the blocks of a device hold, as whoever looks from outside sees it: the oracle, mkfs, fsck. */
export interface ContentStore {
  generationAt(block: number): Generation;
  at(block: number): BlockContent;
  write(block: number, generation: Generation, owner: OwnerId, index: number): void;
}

/** Words of a block in a chunk: generation, owner, index, side by side so that one cache line has them. */
const WORDS = 3;

/** The contents of a device, sparse: a block that was never written costs nothing and reads as zeroes. */
export class BlockContents implements ContentStore {
  readonly #chunks = new Map<number, Uint32Array>();

  /** Memory used, for the benchmark. */
  get bytes(): number {
    return this.#chunks.size * CHUNK_BLOCKS * WORDS * 4;
  }

  generationAt(block: number): Generation {
    return this.#chunks.get(Math.floor(block / CHUNK_BLOCKS))?.[(block % CHUNK_BLOCKS) * WORDS] ?? 0;
  }

  at(block: number): BlockContent {
    const chunk = this.#chunks.get(Math.floor(block / CHUNK_BLOCKS));
    if (!chunk) return ZEROES;
    const word = (block % CHUNK_BLOCKS) * WORDS;
    return { generation: chunk[word]!, owner: chunk[word + 1]!, index: chunk[word + 2]! };
  }

  write(block: number, generation: Generation, owner: OwnerId, index: number): void {
    const chunk = this.#chunkFor(block);
    const word = (block % CHUNK_BLOCKS) * WORDS;
    chunk[word] = generation;
    chunk[word + 1] = owner;
    chunk[word + 2] = index;
  }

  /** The blocks read as zeroes afterwards and belong to nobody. */
  discard(block: number, count: number): void {
    for (let at = block; at < block + count; ) {
      const number = Math.floor(at / CHUNK_BLOCKS);
      const end = Math.min(block + count, (number + 1) * CHUNK_BLOCKS);
      if (end - at === CHUNK_BLOCKS) {
        this.#chunks.delete(number);
      } else {
        const from = (at % CHUNK_BLOCKS) * WORDS;
        this.#chunks.get(number)?.fill(0, from, from + (end - at) * WORDS);
      }
      at = end;
    }
  }

  #chunkFor(block: number): Uint32Array {
    const number = Math.floor(block / CHUNK_BLOCKS);
    let chunk = this.#chunks.get(number);
    if (!chunk) {
      chunk = new Uint32Array(WORDS * CHUNK_BLOCKS);
      this.#chunks.set(number, chunk);
    }
    return chunk;
  }
}
