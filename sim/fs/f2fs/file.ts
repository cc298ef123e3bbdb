import type { OwnerId } from "../../block/index.ts";
import { type BlockNumber, type Engine, type Pages, RwLock } from "../../engine/index.ts";
import { type CommittedInode, Inode } from "../vfs/index.ts";

/** A block that was never given a place. */
export const HOLE = 0;
/** Reserved by fallocate: it gets its place when it is written (NEW_ADDR). */
export const RESERVED = -1;

/** Addresses in an inode, and in a node of addresses (DEF_ADDRS_PER_INODE, DEF_ADDRS_PER_BLOCK). */
const ADDRESSES_IN_INODE = 923;
const ADDRESSES_IN_NODE = 1018;

/** The node that says where a block of a file lies; 0 is the inode. Nodes of nodes are left out. */
export function nodeOf(block: Pages): number {
  return block < ADDRESSES_IN_INODE ? 0 : 1 + Math.floor((block - ADDRESSES_IN_INODE) / ADDRESSES_IN_NODE);
}

/** Nodes of all files of a volume that the next checkpoint writes. */
export interface DirtyNodes {
  count: number;
}

/** What a checkpoint keeps of a file. */
export interface CommittedFile extends CommittedInode {
  readonly places: Int32Array;
  readonly nodes: readonly BlockNumber[];
  readonly unwritten: readonly Pages[];
  readonly isPinned: boolean;
  readonly gcFailures: number;
  /** `F2fsFile.changes` of that moment. */
  readonly changes: number;
}

/** An inode of a regular file, with the places of its blocks and of its nodes. */
export class F2fsFile extends Inode {
  /** Number of the inode. */
  readonly number: number;
  /** HOLE, RESERVED or the place of each block; longer than the file. */
  #places: Int32Array = new Int32Array(0);
  /** Places of its nodes; HOLE: not written yet. */
  readonly nodes: BlockNumber[] = [];
  readonly #dirty = new Set<number>();
  /** Of the whole volume. */
  readonly #dirtyNodes: DirtyNodes;
  #end: Pages = 0;
  /** Blocks that have a place and were never written: a pinned file gets its places from fallocate. */
  readonly unwritten: Set<Pages> = new Set();
  /** FI_PIN_FILE: written in place and, as long as there is patience, not moved. */
  isPinned = false;
  /** How often garbage collection met it while it was pinned (i_gc_failures). */
  gcFailures = 0;
  /** i_gc_rwsem[WRITE]: garbage collection has it alone, direct writes share it. */
  gcLock: RwLock;
  /** i_gc_rwsem[READ]: the same for direct reads. */
  gcReadLock: RwLock;
  /** Stands for the locks of its pages: collection has them alone and waits for them, reads share them. */
  pageLock: RwLock;
  /** Blocks that are reserved or have a place. */
  blocks: Pages = 0;
  /** Counts every change of a place, so that a copy can be told from a stale one. */
  changes = 0;
  readonly #of: Engine;

  constructor(engine: Engine, path: string, owner: OwnerId, number: number, dirtyNodes: DirtyNodes) {
    super(engine, path, owner, 0);
    this.#dirtyNodes = dirtyNodes;
    this.#of = engine;
    this.number = number;
    this.gcLock = new RwLock(engine, `i_gc_rwsem of ${path}`);
    this.gcReadLock = new RwLock(engine, `i_gc_rwsem of ${path}, readers`);
    this.pageLock = new RwLock(engine, `page locks of ${path}`);
  }

  /** HOLE, RESERVED or a place. */
  at(block: Pages): number {
    return this.#places[block] ?? HOLE;
  }

  /** A reader finds what lies at its place. */
  hasContents(block: Pages): boolean {
    return this.at(block) > 0 && !this.unwritten.has(block);
  }

  /** One past the last block that is not a hole. */
  get end(): Pages {
    return this.#end;
  }

  /** A node changed: the next checkpoint writes it. */
  dirty(node: number): void {
    if (this.#dirty.has(node)) return;
    this.#dirty.add(node);
    this.#dirtyNodes.count++;
  }

  /** A node is written, or is no more. */
  clean(node: number): void {
    if (this.#dirty.delete(node)) this.#dirtyNodes.count--;
  }

  /** Nodes that the next checkpoint writes. */
  get dirtyNodes(): readonly number[] {
    return [...this.#dirty];
  }

  set(block: Pages, place: number): void {
    if (block >= this.#places.length) {
      const grown = new Int32Array(Math.max(block + 1, 2 * this.#places.length));
      grown.set(this.#places);
      this.#places = grown;
    }
    if (this.#places[block] === HOLE) this.blocks++;
    if (place === HOLE) this.blocks--;
    this.#places[block] = place;
    if (place === HOLE) this.unwritten.delete(block);
    this.#end = place === HOLE ? this.#endWithout(block) : Math.max(this.#end, block + 1);
    this.dirty(nodeOf(block));
    this.changes++;
  }

  /** What a checkpoint keeps; places that did not change since the last one are not copied again. */
  commit(before: CommittedFile | undefined): CommittedFile {
    const isSame = before?.changes === this.changes;
    return {
      ...this.capture(),
      places: isSame ? before.places : this.#places.slice(),
      nodes: [...this.nodes],
      unwritten: [...this.unwritten],
      isPinned: this.isPinned,
      gcFailures: this.gcFailures,
      changes: this.changes,
    };
  }

  /** The mount after a power loss. */
  reset(committed: CommittedFile | undefined): void {
    this.#places = committed?.places.slice() ?? new Int32Array(0);
    this.blocks = this.#places.reduce((sum, place) => (place === HOLE ? sum : sum + 1), 0);
    this.nodes.length = 0;
    this.nodes.push(...(committed?.nodes ?? []));
    for (const node of this.dirtyNodes) this.clean(node);
    this.#end = this.#places.length;
    this.#end = this.#endWithout(this.#end);
    this.unwritten.clear();
    for (const block of committed?.unwritten ?? []) this.unwritten.add(block);
    this.isPinned = committed?.isPinned ?? false;
    this.gcFailures = committed?.gcFailures ?? 0;
    this.gcLock = new RwLock(this.#of, `i_gc_rwsem of ${this.path}`);
    this.gcReadLock = new RwLock(this.#of, `i_gc_rwsem of ${this.path}, readers`);
    this.pageLock = new RwLock(this.#of, `page locks of ${this.path}`);
    this.changes++;
    if (committed) this.restore(committed);
    else this.linked = false;
  }

  /** The end, seen from a block that is a hole now. */
  #endWithout(block: Pages): Pages {
    if (block + 1 < this.#end) return this.#end;
    let end = Math.min(this.#end, this.#places.length);
    while (end > 0 && this.#places[end - 1] === HOLE) end--;
    return end;
  }
}
