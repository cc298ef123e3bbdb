import { Bio, type BlockDevice, type Plug } from "../block/index.ts";
import type { Actor, Pages } from "../engine/index.ts";
import type { DeviceBlock, SwapExtent } from "../fs/index.ts";
import { SwapExtents } from "./swap-extents.ts";
import type { SwapIo } from "./swap-io.ts";
import type { SwapTransport, TransportActivation, TransportContext } from "./transport.ts";
import { ZramMemory } from "./zram-memory.ts";

/** add_swap_extent found no memory for its entry. */
export const OUT_OF_MEMORY: Extract<TransportActivation, { message: string }> = {
  errno: "ENOMEM",
  message: "out of memory",
};

/** How a block transport learns its block list at swapon. */
export type MapSlots = (
  context: TransportContext,
  pages: Pages,
  extents: SwapExtents,
) => Actor<Extract<TransportActivation, { message: string }> | undefined>;

/**
 * Swap I/O straight to the block device through a list of extents (swap_writepage_bdev_async, 6.1): one bio a page,
 * merged only in the plug, asynchronous. What partition, bmap and pinned share; they differ in where the list comes
 * from and in what protects it.
 */
export class BlockTransport implements SwapTransport {
  readonly solidState: boolean;
  readonly synchronousIo: boolean;
  readonly #memory: ZramMemory | undefined;
  readonly #context: TransportContext;
  readonly #mapSlots: MapSlots;
  readonly #release: () => void;
  #extents = new SwapExtents();

  constructor(context: TransportContext, mapSlots: MapSlots, release: () => void = () => {}) {
    this.#context = context;
    this.#mapSlots = mapSlots;
    this.#release = release;
    this.solidState = countsAsSolidState(context);
    const { target } = context;
    this.synchronousIo = deviceKnownEarly(target)?.model.synchronousIo === true;
    const livesInMemory = target.kind === "device" && target.device.model.livesInMemory === true;
    this.#memory = livesInMemory ? new ZramMemory(context.poolPages) : undefined;
  }

  *activate(pages: Pages): Actor<TransportActivation> {
    this.#extents = new SwapExtents();
    const refused = yield* this.#mapSlots(this.#context, pages, this.#extents);
    if (refused) return refused;
    this.#extents.noteCaptured(this.#context.engine.now, this.#context.owner);
    const { pages: mapped, length, device } = this.#extents;
    return {
      errno: undefined,
      pages: mapped,
      extents: length,
      span: this.#extents.span(),
      device,
    };
  }

  deactivate(): void {
    this.#release();
  }

  slotFreed(slot: number): void {
    this.#memory?.free(slot);
  }

  writePage(io: SwapIo, plug: Plug): Actor | undefined {
    if (this.#memory && !this.#memory.store(io.slot, io.compressedSize)) {
      io.complete(true);
      return undefined;
    }
    const { device, block, fileBlock } = this.#resolve(io.slot);
    const bio = Bio.writeRun(block, 1, io.content);
    bio.end = (ended) => {
      if (ended.status === "ok") this.#context.observer.wroteRaw(device, block, io.content, fileBlock);
      io.complete(ended.status !== "ok");
    };
    return this.#submit(device, bio, plug);
  }

  readPage(io: SwapIo, plug: Plug | undefined): Actor | undefined {
    const { device, block } = this.#resolve(io.slot);
    const bio = Bio.read(block);
    bio.end = (ended) => {
      io.content = ended.contentAt(0);
      io.complete(ended.status !== "ok");
    };
    return this.#submit(device, bio, plug);
  }

  /** submit_bio; what it returns waits for a place in the queue. */
  #submit(device: BlockDevice, bio: Bio, plug: Plug | undefined): Actor | undefined {
    const wait = device.waitForRoom?.();
    if (wait) return submitLater(device, bio, plug, wait);
    if (this.synchronousIo) device.performNow(bio);
    else device.submit(bio, plug);
    return undefined;
  }

  mapping(): Iterable<SwapExtent> {
    return this.#extents;
  }

  placeOf(slot: number): DeviceBlock {
    return this.#resolve(slot);
  }

  /** swap_page_sector: the extent's start plus the distance of the slot. */
  #resolve(slot: number): {
    readonly device: BlockDevice;
    readonly block: number;
    readonly fileBlock: Pages;
  } {
    const extent = this.#extents.extentOf(slot);
    // KB-04, the "don't use" kernel: a helper meant for whole devices leaves out where the file's extent starts.
    const start = this.#context.faults.has("forgetExtentStart") ? 0 : extent.block;
    const offset = slot - extent.slot;
    return {
      device: extent.device,
      block: start + offset,
      fileBlock: (extent.fileBlock ?? extent.slot) + offset,
    };
  }
}

/** As far as is known before the filesystem's activation: on a solid-state device. */
export function countsAsSolidState({ target }: TransportContext): boolean {
  const device = deviceKnownEarly(target);
  return device !== undefined && !device.model.rotational;
}

/** Going to sleep sends what is plugged, or a full queue would never empty. */
function* submitLater(device: BlockDevice, bio: Bio, plug: Plug | undefined, wait: Actor): Actor {
  plug?.flush();
  yield* wait;
  device.submit(bio, plug);
}

/**
 * 6.1 asks the file's super block for its device before the filesystem's activation. btrfs has none there, so its
 * swap files count as rotational even on an SSD (known bug KB-37, swapon, 6.1).
 */
function deviceKnownEarly(target: TransportContext["target"]): BlockDevice | undefined {
  return target.kind === "device" ? target.device : target.fs.superBlockDevice;
}
