import { type BlockNumber, fail, type Pages } from "../engine/index.ts";
import type { BlockContent, BlockContents } from "./contents.ts";

/**
 * The volatile write cache of a device: remembers what each block held at the last flush, so that a power loss can
 * take the writes since then away.
 */
export class WriteCache {
  readonly #contents: BlockContents;
  readonly #durable = new Map<BlockNumber, BlockContent>();

  constructor(contents: BlockContents) {
    this.#contents = contents;
  }

  /** Blocks that would be lost now. */
  get unflushed(): Pages {
    return this.#durable.size;
  }

  /** The block is about to be overwritten. */
  beforeWrite(block: BlockNumber): void {
    if (!this.#durable.has(block)) this.#durable.set(block, this.#contents.at(block));
  }

  flush(): void {
    this.#durable.clear();
  }

  /** Puts back what was there at the last flush. */
  powerLoss(): void {
    for (const [block, content] of this.#durable) {
      if (content.generation < 0) fail("a generation is not negative");
      this.#contents.write(block, content.generation, content.owner, content.index);
    }
    this.#durable.clear();
  }
}
