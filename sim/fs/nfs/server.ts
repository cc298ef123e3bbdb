import { Bio, type BlockContent, type BlockDevice, payloadOf } from "../../block/index.ts";
import {
  type Actor,
  type BlockNumber,
  type Duration,
  type Engine,
  mix,
  type Pages,
  SECOND,
  sleep,
  WaitQueue,
} from "../../engine/index.ts";

/** Age at which the server's flusher writes what it acknowledged unstably (dirty_expire_centisecs and its interval). */
const FLUSH_INTERVAL: Duration = 30 * SECOND;

/** Longest piece that the flusher writes at once (BIO_MAX_VECS pages). */
const PIECE: Pages = 256;

/** How the server keeps and exports its files. */
export interface ServerOptions {
  /** An export option: writes that ask to be stable are acknowledged from the page cache all the same. */
  readonly asyncExport: boolean;
  /** Pages that its page cache holds for reads. */
  readonly cachePages: Pages;
}

/** The other machine: a disk, and a page cache that a restart empties. Files lie on the disk in one piece each. */
export class NfsServer {
  readonly device: BlockDevice;
  readonly #engine: Engine;
  /** What an explorer calls the page cache. */
  readonly #index: number;
  readonly #options: ServerOptions;
  /** Blocks in the page cache, those used longest ago first. */
  readonly #cached = new Set<BlockNumber>();
  isUp = true;
  /** Grows with every restart: an answer from before it is lost. */
  boots = 0;
  /** Clients wait here for the connection to come back. */
  readonly back: WaitQueue;
  /** What unstable writes have replaced, and a restart brings back. */
  readonly #unflushed = new Map<BlockNumber, BlockContent>();

  constructor(engine: Engine, device: BlockDevice, options: ServerOptions) {
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.#options = options;
    this.device = device;
    this.back = new WaitQueue(engine, "NFS server");
  }

  /** READ; undefined if the disk fails. */
  *read(block: BlockNumber, pages: Pages): Actor<readonly BlockContent[] | undefined> {
    if (this.#isCached(block, pages)) {
      this.#engine.accesses?.noteBlocks(this.#index, block, pages, false);
      return Array.from({ length: pages }, (_, index) => this.device.contents.at(block + index));
    }
    const bio = Bio.read(block, pages);
    this.device.submit(bio);
    if (!bio.done) yield bio.wait(this.#engine, "nfsd: read");
    if (bio.status !== "ok") return undefined;
    this.#cache(block, pages);
    return Array.from({ length: pages }, (_, index) => bio.contentAt(index));
  }

  /** WRITE: a stable one is on the disk before the reply, another one in the page cache. False if the disk fails. */
  *write(block: BlockNumber, contents: readonly BlockContent[], stable: boolean): Actor<boolean> {
    this.#cache(block, contents.length);
    if (!stable || this.#options.asyncExport) {
      for (const [index, content] of contents.entries()) this.#remember(block + index, content);
      return true;
    }
    const bio = Bio.writePayload(block, payloadOf(contents));
    if ((yield* this.device.submitAndWait(bio, "nfsd: write")) !== "ok") return false;
    for (let index = 0; index < contents.length; index++) this.#unflushed.delete(block + index);
    return (yield* this.device.submitAndWait(new Bio("flush", 0, 0), "nfsd: vfs_fsync_range")) === "ok";
  }

  #isCached(first: BlockNumber, pages: Pages): boolean {
    for (let block = first; block < first + pages; block++) if (!this.#cached.has(block)) return false;
    this.#cache(first, pages);
    return true;
  }

  /** The blocks are the last to leave the page cache. */
  #cache(first: BlockNumber, pages: Pages): void {
    for (let block = first; block < first + pages; block++) {
      this.#cached.delete(block);
      this.#cached.add(block);
    }
    for (const block of this.#cached) {
      if (this.#cached.size <= this.#options.cachePages) return;
      this.#cached.delete(block);
    }
  }

  #remember(block: BlockNumber, { generation, owner, index }: BlockContent): void {
    const { contents } = this.device;
    this.#engine.accesses?.noteBlocks(this.#index, block, 1, true);
    if (!this.#unflushed.has(block)) this.#unflushed.set(block, contents.at(block));
    contents.write(block, generation, owner, index);
  }

  /** COMMIT, and the server's own flusher: everything is on the disk from now on. */
  *commit(): Actor {
    const blocks = [...this.#unflushed.keys()].toSorted((a, b) => a - b);
    for (let from = 0; from < blocks.length; ) {
      const first = blocks[from]!;
      let pages = 1;
      while (pages < PIECE && blocks[from + pages] === first + pages) pages++;
      const contents = Array.from({ length: pages }, (_, index) => this.device.contents.at(first + index));
      yield* this.device.submitAndWait(Bio.writePayload(first, payloadOf(contents)), "nfsd: commit");
      for (let block = first; block < first + pages; block++) this.#unflushed.delete(block);
      from += pages;
    }
    if (blocks.length > 0) yield* this.device.submitAndWait(new Bio("flush", 0, 0), "nfsd: commit");
  }

  /** The server's flusher; a daemon. */
  *flusher(): Actor {
    for (;;) {
      yield sleep("nfsd: flusher", FLUSH_INTERVAL);
      if (this.isUp) yield* this.commit();
    }
  }

  /** What it will do next follows from this, and from what lies on its disk. */
  digest(): number {
    let hash = this.isUp ? 1 : 2;
    for (const block of this.#cached) hash = mix(hash, block);
    for (const [block, { generation }] of this.#unflushed)
      hash = mix(mix(hash, block), mix(generation, this.device.contents.generationAt(block)));
    return hash;
  }

  /** Goes down, loses its page cache, and is back after a while. */
  *restart(outage: Duration): Actor {
    this.isUp = false;
    this.boots++;
    for (const [block, { generation, owner, index }] of this.#unflushed) {
      this.device.contents.write(block, generation, owner, index);
    }
    this.#unflushed.clear();
    this.#cached.clear();
    yield sleep("the server restarts", outage);
    this.isUp = true;
    this.back.wakeAll();
  }
}
