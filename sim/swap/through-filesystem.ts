import type { BlockContent, Plug } from "../block/index.ts";
import { type Actor, assert, type Engine, type Pages } from "../engine/index.ts";
import type { DeviceBlock, FileHandle, Filesystem } from "../fs/index.ts";
import { countsAsSolidState } from "./block-transport.ts";
import { directIoRefusal } from "./direct-io-refusal.ts";
import type { SwapIo } from "./swap-io.ts";
import type { SwapTransport, TransportActivation, TransportContext } from "./transport.ts";

/**
 * Swap I/O that goes through the filesystem of a swap file. Slot order is file order; each I/O resolves the mapping
 * afresh, so nothing has to stand still. What direct-io, swap-rw and the 2014 series share; they differ in how a page
 * gets there.
 */
export abstract class ThroughFilesystem implements SwapTransport {
  readonly synchronousIo = false;
  readonly solidState: boolean;
  protected readonly engine: Engine;
  protected readonly fs: Filesystem;
  protected readonly file: FileHandle;

  constructor(context: TransportContext) {
    const { engine, target } = context;
    assert(target.kind === "file", "swap through a filesystem goes to a file");
    this.engine = engine;
    this.fs = target.fs;
    this.file = target.file;
    this.solidState = countsAsSolidState(context);
  }

  abstract readonly entersFilesystem: boolean;
  abstract writePage(io: SwapIo, plug: Plug): Actor | undefined;
  abstract readPage(io: SwapIo, plug: Plug | undefined): Actor | undefined;

  /** Looks at the file once. Nothing is pinned. */
  *activate(pages: Pages): Actor<TransportActivation> {
    const message = directIoRefusal(this.fs, this.file, pages);
    return message === undefined ? wholeFile(pages) : { errno: "EINVAL", message };
  }

  deactivate(): void {}

  placeOf(slot: number): DeviceBlock | undefined {
    return this.fs.bmap(this.file, slot);
  }

  contentOf(slot: number): BlockContent | undefined {
    return this.fs.contentOf?.(this.file, slot);
  }
}

/** The area is the file from its first page on, in one piece as far as swap knows. */
export function wholeFile(pages: Pages): TransportActivation {
  return { errno: undefined, pages, extents: 1, span: pages - 1 };
}
