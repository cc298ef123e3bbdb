import { type BlockDevice, HistoryVerb, type OwnerId } from "../block/index.ts";
import { assert, type BlockNumber, fail, type Instant, type Pages } from "../engine/index.ts";
import type { SwapExtent } from "../fs/index.ts";

/**
 * The block list of a swap area: slot -> place on a device, written down at swapon and never looked at by the
 * filesystem again. Extents are ordered by slot; one that continues its predecessor is merged with it.
 */
export class SwapExtents {
  readonly #extents: SwapExtent[] = [];
  #pages: Pages = 0;
  /** The extent of the last look-up: neighbours are usually asked for in turn. */
  #last: SwapExtent | undefined;

  [Symbol.iterator](): Iterator<SwapExtent> {
    return this.#extents.values();
  }

  /** Slots that have a place. */
  get pages(): Pages {
    return this.#pages;
  }

  get length(): number {
    return this.#extents.length;
  }

  /** Where the first page lies; an area has one device. */
  get device(): BlockDevice | undefined {
    return this.#extents[0]?.device;
  }

  /** Appends pages; `slot` must continue where the list ends (add_swap_extent). */
  add(extent: SwapExtent): void {
    assert(extent.slot === this.#pages, "swap extents are added in the order of their slots");
    const previous = this.#extents.at(-1);
    if (previous && continues(previous, extent)) {
      this.#extents[this.#extents.length - 1] = { ...previous, count: previous.count + extent.count };
    } else {
      this.#extents.push(extent);
    }
    this.#pages += extent.count;
    this.#last = undefined;
  }

  /** Where a slot lies (swap_page_sector). */
  extentOf(slot: number): SwapExtent {
    const last = this.#last;
    if (last && slot >= last.slot && slot < last.slot + last.count) return last;
    let low = 0;
    let high = this.#extents.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#extents[middle]!.slot <= slot) low = middle;
      else high = middle - 1;
    }
    const extent = this.#extents[low];
    if (!extent || slot < extent.slot || slot >= extent.slot + extent.count)
      fail("a used slot has an extent");
    this.#last = extent;
    return extent;
  }

  /** Notes in the devices' histories that swap now relies on these addresses. */
  noteCaptured(at: Instant, owner: OwnerId): void {
    for (const { device, block, count, slot, fileBlock = slot } of this.#extents) {
      device.history.note(at, HistoryVerb.Captured, block, count, owner, fileBlock);
    }
  }

  /** Distance from the lowest to the highest page, the header page left out ("across" of the swapon line). */
  span(): Pages {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (const { slot, block, count } of this.#extents) {
      const first = slot === 0 ? block + 1 : block;
      if (slot === 0 && count === 1) continue;
      lowest = Math.min(lowest, first);
      highest = Math.max(highest, block + count - 1);
    }
    return highest >= lowest ? highest - lowest + 1 : 0;
  }
}

function continues(previous: SwapExtent, next: SwapExtent): boolean {
  const isNext = fileBlockOf(previous) + previous.count === fileBlockOf(next);
  return isNext && previous.device === next.device && previous.block + previous.count === next.block;
}

function fileBlockOf({ slot, fileBlock = slot }: SwapExtent): Pages {
  return fileBlock;
}

/** A device seen as one long extent. */
export function wholeDevice(device: BlockDevice, pages: Pages, start: BlockNumber = 0): SwapExtent {
  return { slot: 0, count: pages, device, block: start };
}
