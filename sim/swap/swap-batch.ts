import type { BlockContent } from "../block/index.ts";
import type { SwapIo } from "./swap-io.ts";

/** Pages of one request (SWAP_CLUSTER_MAX, mm/page_io.c, 6.1). */
const BATCH_PAGES = 32;

/** Pages that follow each other in the file and go in one request (struct swap_iocb). It waits in its submitter's plug. */
export class SwapBatch {
  readonly operation: "read" | "write";
  readonly #ios: SwapIo[] = [];
  readonly #submit: (batch: SwapBatch) => void;
  #sent = false;

  constructor(operation: "read" | "write", submit: (batch: SwapBatch) => void) {
    this.operation = operation;
    this.#submit = submit;
  }

  get first(): number {
    return this.#ios[0]!.slot;
  }

  get pages(): number {
    return this.#ios.length;
  }

  get contents(): readonly BlockContent[] {
    return this.#ios.map(({ content }) => content);
  }

  /** A page can join if nothing was sent, there is room, and it comes next in the file. */
  takes(io: SwapIo): boolean {
    return (
      !this.#sent && this.pages < BATCH_PAGES && (this.pages === 0 || io.slot === this.first + this.pages)
    );
  }

  add(io: SwapIo): void {
    this.#ios.push(io);
    if (this.pages === BATCH_PAGES) this.send();
  }

  send(): void {
    if (this.#sent || this.pages === 0) return;
    this.#sent = true;
    this.#submit(this);
  }

  /** sio_write_complete, sio_read_complete: anything less than all is an error of every page. */
  end(found: readonly BlockContent[] | undefined): void {
    this.#ios.forEach((io, index) => {
      const content = found?.[index];
      if (content) io.content = content;
      io.complete(found === undefined);
    });
  }
}
