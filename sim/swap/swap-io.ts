import type { BlockContent, BlockDevice } from "../block/index.ts";
import type { BlockNumber, Pages } from "../engine/index.ts";

/** Transfer of one page between a frame and a slot, the way swap_writepage and swap_readpage hand it down. */
export class SwapIo {
  readonly slot: number;
  readonly frame: number;
  /** What is written, or what a read found. */
  content: BlockContent;
  /** What the page compresses to, for transports that keep it in memory. */
  compressedSize = 0;
  failed = false;
  /** The read left the page marked dirty. */
  dirtied = false;
  done = false;
  /**
   * Called once at the end, possibly in interrupt context: it must not wait. Whoever makes many transfers has one function
   * for all of them: a closure for each costs as much as the rest of its end.
   */
  readonly #end: (io: SwapIo) => void;

  constructor(slot: number, frame: number, content: BlockContent, end: (io: SwapIo) => void) {
    this.slot = slot;
    this.frame = frame;
    this.content = content;
    this.#end = end;
  }

  complete(failed: boolean): void {
    this.failed = failed;
    this.done = true;
    this.#end(this);
  }
}

/** What swap tells whoever checks contents; it changes nothing. */
export interface SwapObserver {
  /** A swap write past the filesystem reached `block` of `device`; it should have been this block of the swap file. */
  wroteRaw(device: BlockDevice, block: BlockNumber, content: BlockContent, fileBlock: Pages): void;
}

export const blindSwapObserver: SwapObserver = { wroteRaw() {} };
