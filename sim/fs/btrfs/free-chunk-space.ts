import { type Bytes, PAGE_SIZE, type Pages } from "../../engine/index.ts";

/** What the counter needs to know of a device. */
interface CountedDevice {
  readonly size: Pages;
  readonly allocated: Pages;
}

/**
 * fs_info->free_chunk_space: device space that could become chunks, counted along with every chunk and device that comes
 * or goes. Metadata is promised against it (btrfs_can_overcommit).
 *
 * Before 6.7 a shrink takes all that is cut off from it, chunks included, and growing gives nothing back ("fix
 * ->free_chunk_space math in btrfs_shrink_device", "increase ->free_chunk_space in btrfs_grow_device"). The counter then
 * goes below zero, and as a number without sign it is huge: everything can be promised, and a commit that finds no room
 * aborts its transaction.
 */
export class FreeChunkSpace {
  #pages: Pages = 0;

  /** As a mount counts it: what no chunk occupies on the devices that are there. */
  recount(devices: readonly CountedDevice[]): void {
    this.#pages = 0;
    for (const device of devices) this.add(unoccupied(device));
  }

  add(count: Pages): void {
    this.#pages += count;
  }

  take(count: Pages): void {
    this.#pages -= count;
  }

  /** The device is gone, and with it what no chunk occupies on it. */
  lose(device: CountedDevice): void {
    this.take(unoccupied(device));
  }

  /** A device gets another size; `right` if the kernel counts that right. */
  resize(device: CountedDevice, size: Pages, right: boolean): void {
    if (right) this.add(unoccupied({ size, allocated: device.allocated }) - unoccupied(device));
    else if (size < device.size) this.take(device.size - size);
  }

  /** A shrink to `size` has failed, and the device is as large as before. */
  undoShrink({ size: shrunk, allocated }: CountedDevice, size: Pages, right: boolean): void {
    if (right) this.add(unoccupied({ size, allocated }) - unoccupied({ size: shrunk, allocated }));
    else this.add(size - shrunk);
  }

  /** Infinite for a number below zero, which is beyond all that a filesystem could ask for. */
  get bytes(): Bytes {
    return this.#pages < 0 ? Number.POSITIVE_INFINITY : this.#pages * PAGE_SIZE;
  }
}

function unoccupied({ size, allocated }: CountedDevice): Pages {
  return Math.max(0, size - allocated);
}
