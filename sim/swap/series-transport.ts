import type { Plug } from "../block/index.ts";
import { type Actor, assert, bytesOf, NeverEnds, type Pages, type ParameterValues } from "../engine/index.ts";
import type { PatchNumber, Series2014, SeriesOptions } from "../fs/index.ts";
import type { SwapIo } from "./swap-io.ts";
import { ThroughFilesystem, wholeFile } from "./through-filesystem.ts";
import type { TransportActivation, TransportContext } from "./transport.ts";

const PATCHES: readonly PatchNumber[] = [1, 2, 3, 4, 5];

/** What the options of a strategy of the 2014 era say. */
export function seriesOptions(version: SeriesOptions["version"], options: ParameterValues): SeriesOptions {
  const patches = PATCHES.filter((number) => options[`patch${number}`] !== false);
  return { version, patches: new Set(patches), stall: Number(options["stall"] ?? 0) };
}

/**
 * Swap I/O of Linux 3.18 with the 2014 series (mm/page_io.c): one page at a time through the filesystem, and the caller
 * sleeps until it is done. v1 still reads with readpage, which only submits.
 */
export class SeriesTransport extends ThroughFilesystem {
  readonly countsOnSuccess = true;
  readonly entersFilesystem: boolean;
  readonly #options: SeriesOptions;
  readonly #log: (line: string) => void;

  constructor(context: TransportContext, options: SeriesOptions) {
    super(context);
    this.#options = options;
    this.#log = context.log ?? (() => {});
    this.entersFilesystem = context.faults.has("nofsSparesSwapFile");
  }

  override *activate(pages: Pages): Actor<TransportActivation> {
    const { series2014 } = this.fs;
    if (!series2014) {
      const message = `${this.fs.type} has no swap_activate of the 2014 series`;
      return { errno: "EINVAL", message };
    }
    const answer = yield* series2014.swapActivate(this.file, this.#options);
    if (answer.errno !== undefined) return answer;
    return wholeFile(pages);
  }

  *enabled(): Actor {
    yield* this.#series.enabled(this.file);
  }

  override deactivate(): void {
    this.#series.swapDeactivate(this.file);
  }

  /** __swap_writepage, SWP_FILE branch: anything but a whole page is an error, and the page stays. */
  *writePage(io: SwapIo, _plug: Plug): Actor {
    const write = this.#series.directWrite(this.file, io.slot, io.content);
    const answer = yield* this.engine.within("filesystem", write);
    if (answer !== undefined) this.#log(`Write error on dio swapfile (${bytesOf(io.slot)})`);
    io.complete(answer !== undefined);
  }

  *readPage(io: SwapIo, _plug: Plug | undefined): Actor {
    const { version, patches } = this.#options;
    const read =
      version === "v1"
        ? this.#readpage(io)
        : patches.has(3)
          ? this.#directRead(io)
          : this.#readpageWithoutWorkarounds(io);
    yield* this.engine.within("filesystem", read);
  }

  /** swap_readpage as patch 3 made it. */
  *#directRead(io: SwapIo): Actor {
    const found = yield* this.#series.directRead(this.file, io.slot);
    if (typeof found === "string") {
      io.complete(true);
      return;
    }
    io.content = found.content;
    // Direct I/O takes the page for memory of a user, whose pages it has to mark dirty. A hole was read without a bio.
    const { dirtiesPages } = this.#series;
    const { patches } = this.#options;
    if (dirtiesPages === "locking" && !patches.has(1) && found.place) {
      const never = new NeverEnds("the lock of a page that the task itself holds");
      yield* never.wait("lock_page (dio_bio_complete)");
    }
    if (dirtiesPages === "marking" && !patches.has(2)) io.dirtied = true;
    io.complete(false);
  }

  *#readpage(io: SwapIo): Actor {
    yield* this.#series.readpage(this.file, io.slot, (found) => {
      if (typeof found !== "string") io.content = found.content;
      io.complete(typeof found === "string");
    });
  }

  /** A swap cache page has no mapping of its own, which a readpage without the workarounds of v1 dereferences. */
  *#readpageWithoutWorkarounds(io: SwapIo): Actor {
    if (this.#series.readpageTakesSwapCache) {
      yield* this.#readpage(io);
      return;
    }
    this.#log("BUG: unable to handle kernel NULL pointer dereference in readpage");
    const never = new NeverEnds("an oops: the task is gone and the page stays locked");
    yield* never.wait(`${this.fs.type}_readpage (oops)`);
  }

  get #series(): Series2014 {
    const { series2014 } = this.fs;
    assert(series2014 !== undefined, "a filesystem without the series refuses activation");
    return series2014;
  }
}
