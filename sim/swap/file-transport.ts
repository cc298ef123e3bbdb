import type { Plug } from "../block/index.ts";
import { type Actor, type Process, removeAt } from "../engine/index.ts";
import type { SwapIo } from "./swap-io.ts";
import { ThroughFilesystem } from "./through-filesystem.ts";

/** The filesystem's direct_IO with one kernel page, both ways, synchronous (interface v2 of the 2014 series). */
export class FileTransport extends ThroughFilesystem {
  readonly entersFilesystem = true;
  /** Who writes a page, each for as long as that takes. */
  readonly #writing: Process[] = [];

  carriers(): readonly Process[] {
    return [...this.#writing];
  }

  *writePage(io: SwapIo, _plug: Plug): Actor {
    const process = this.engine.current;
    this.#writing.push(process);
    const write = this.fs.directWrite(this.file, io.slot, io.content);
    const errno = yield* this.engine.within("filesystem", write);
    removeAt(this.#writing, this.#writing.indexOf(process));
    io.complete(errno !== undefined);
  }

  *readPage(io: SwapIo, _plug: Plug | undefined): Actor {
    const found = yield* this.engine.within("filesystem", this.fs.directRead(this.file, io.slot));
    if (typeof found !== "string") io.content = found.content;
    io.complete(typeof found === "string");
  }
}
