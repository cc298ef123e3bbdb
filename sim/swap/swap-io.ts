import type { BlockContent, BlockDevice } from "../block/index.ts";
import type { BlockNumber, Pages } from "../engine/index.ts";

/**
 * Transfer of one page between a frame and a slot, the way swap_writepage and swap_readpage hand it down. What follows its
 * end is a method: a closure for each page would cost more than all it does.
 */
export abstract class SwapIo {
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

  constructor(slot: number, frame: number, content: BlockContent) {
    this.slot = slot;
    this.frame = frame;
    this.content = content;
  }

  complete(failed: boolean): void {
    this.failed = failed;
    this.done = true;
    this.ended();
  }

  /** Called once at the end, possibly in interrupt context: it must not wait. */
  protected abstract ended(): void;
}

/** A transfer that belongs to no frame: whoever wants it says what follows its end. */
export class LoneSwapIo extends SwapIo {
  readonly #end: (io: SwapIo) => void;

  constructor(slot: number, frame: number, content: BlockContent, end: (io: SwapIo) => void) {
    super(slot, frame, content);
    this.#end = end;
  }

  protected ended(): void {
    this.#end(this);
  }
}

/** What swap tells whoever checks contents; it changes nothing. */
export interface SwapObserver {
  /** A swap write past the filesystem reached `block` of `device`; it should have been this block of the swap file. */
  wroteRaw(device: BlockDevice, block: BlockNumber, content: BlockContent, fileBlock: Pages): void;
}

export const blindSwapObserver: SwapObserver = { wroteRaw() {} };
