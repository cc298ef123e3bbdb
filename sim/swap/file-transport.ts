import type { BlockContent, Plug } from "../block/index.ts";
import { type Actor, assert, type Engine, type Pages, type Process } from "../engine/index.ts";
import type { DeviceBlock, FileHandle, Filesystem } from "../fs/index.ts";
import { countsAsSolidState } from "./block-transport.ts";
import { directIoRefusal } from "./direct-io-refusal.ts";
import type { SwapIo } from "./swap-io.ts";
import type { SwapTransport, TransportActivation, TransportContext } from "./transport.ts";

/**
 * Swap I/O through the filesystem's direct_IO with one kernel page, both ways, synchronous (interface v2 of the 2014
 * series). Slot order is file order; each I/O resolves the mapping afresh, so nothing has to stand still.
 */
export class FileTransport implements SwapTransport {
  readonly synchronousIo = false;
  readonly entersFilesystem = true;
  readonly solidState: boolean;
  readonly #engine: Engine;
  readonly #fs: Filesystem;
  readonly #file: FileHandle;
  /** Who writes a page, each for as long as that takes. */
  readonly #writing: Process[] = [];

  constructor(context: TransportContext) {
    assert(context.target.kind === "file", "direct_IO needs a file");
    this.#engine = context.engine;
    this.#fs = context.target.fs;
    this.#file = context.target.file;
    this.solidState = countsAsSolidState(context);
  }

  /** Nothing is pinned. */
  *activate(pages: Pages): Actor<TransportActivation> {
    const message = directIoRefusal(this.#fs, this.#file, pages);
    if (message !== undefined) return { errno: "EINVAL", message };
    return { errno: undefined, pages, extents: 1, span: pages - 1 };
  }

  deactivate(): void {}

  carriers(): readonly Process[] {
    return [...this.#writing];
  }

  *writePage(io: SwapIo, _plug: Plug): Actor {
    const process = this.#engine.current;
    this.#writing.push(process);
    const write = this.#fs.directWrite(this.#file, io.slot, io.content);
    const errno = yield* this.#engine.within("filesystem", write);
    if (this.#writing[0] === process) this.#writing.shift();
    else this.#writing.splice(this.#writing.indexOf(process), 1);
    io.complete(errno !== undefined);
  }

  *readPage(io: SwapIo, _plug: Plug | undefined): Actor {
    const found = yield* this.#engine.within("filesystem", this.#fs.directRead(this.#file, io.slot));
    if (typeof found !== "string") io.content = found.content;
    io.complete(typeof found === "string");
  }

  placeOf(slot: number): DeviceBlock | undefined {
    return this.#fs.bmap(this.#file, slot);
  }

  contentOf(slot: number): BlockContent | undefined {
    return this.#fs.contentOf?.(this.#file, slot);
  }
}
