import type { Generation } from "../block/index.ts";
import type { Pages } from "../engine/index.ts";
import type { SwapEntry } from "../swap/index.ts";

/** What memory management tells whoever checks contents. It changes nothing. */
export interface PageObserver {
  /** A task begins. The returned bytes, one a page, are set to 1 by every store and belong to the observer. */
  taskStarted(task: number, name: string, pages: Pages): Uint8Array;
  /** `child` begins with the pages of `parent`, all stores of which have been copied. */
  taskForked(parent: number, child: number): void;
  /** The task is gone; nobody will ask for its pages again. */
  taskEnded(task: number): void;
  /**
   * The bytes of a page are about to be copied to a slot. `content` is what the frame held after its last copy;
   * the answer names the bytes it holds now.
   */
  copied(task: number, page: number, content: Generation): Generation;
  /** A copy of these bytes was handed to the transport for this slot. */
  slotWritten(entry: SwapEntry, content: Generation): void;
  /** A read of a slot ended and found these bytes. */
  slotRead(entry: SwapEntry, found: Generation): void;
  /** A fault maps bytes that came back from swap. */
  mapped(task: number, page: number, entry: SwapEntry, found: Generation): void;
  /** The frame of a page is given up without a write: its slot must hold everything. */
  dropped(task: number, page: number): void;
  /** The page could not be read: the task gets SIGBUS. */
  unreadable(task: number, page: number, entry: SwapEntry): void;
}
