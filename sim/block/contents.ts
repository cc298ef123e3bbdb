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

class Chunk {
  readonly #all = new Uint32Array(3 * CHUNK_BLOCKS);
  readonly generation = this.#all.subarray(0, CHUNK_BLOCKS);
  readonly owner = this.#all.subarray(CHUNK_BLOCKS, 2 * CHUNK_BLOCKS);
  readonly index = this.#all.subarray(2 * CHUNK_BLOCKS);
}

/** The contents of a device, sparse: a block that was never written costs nothing and reads as zeroes. */
export class BlockContents implements ContentStore {
  readonly #chunks = new Map<number, Chunk>();

  /** Memory used, for the benchmark. */
  get bytes(): number {
    return this.#chunks.size * CHUNK_BLOCKS * 12;
  }

  generationAt(block: number): Generation {
    return this.#chunks.get(Math.floor(block / CHUNK_BLOCKS))?.generation[block % CHUNK_BLOCKS] ?? 0;
  }

  at(block: number): BlockContent {
    const chunk = this.#chunks.get(Math.floor(block / CHUNK_BLOCKS));
    if (!chunk) return ZEROES;
    const offset = block % CHUNK_BLOCKS;
    return {
      generation: chunk.generation[offset]!,
      owner: chunk.owner[offset]!,
      index: chunk.index[offset]!,
    };
  }

  write(block: number, generation: Generation, owner: OwnerId, index: number): void {
    const chunk = this.#chunkFor(block);
    const offset = block % CHUNK_BLOCKS;
    chunk.generation[offset] = generation;
    chunk.owner[offset] = owner;
    chunk.index[offset] = index;
  }

  /** The blocks read as zeroes afterwards and belong to nobody. */
  discard(block: number, count: number): void {
    for (let at = block; at < block + count; ) {
      const number = Math.floor(at / CHUNK_BLOCKS);
      const end = Math.min(block + count, (number + 1) * CHUNK_BLOCKS);
      const chunk = this.#chunks.get(number);
      if (chunk) {
        const from = at % CHUNK_BLOCKS;
        const to = from + (end - at);
        if (to - from === CHUNK_BLOCKS) this.#chunks.delete(number);
        chunk.generation.fill(0, from, to);
        chunk.owner.fill(0, from, to);
        chunk.index.fill(0, from, to);
      }
      at = end;
    }
  }

  #chunkFor(block: number): Chunk {
    const number = Math.floor(block / CHUNK_BLOCKS);
    let chunk = this.#chunks.get(number);
    if (!chunk) {
      chunk = new Chunk();
      this.#chunks.set(number, chunk);
    }
    return chunk;
  }
}
