import type { BlockNumber, Duration, Engine, Instant, Pages } from "../engine/index.ts";
import type { Bio, BioOperation, BioStatus } from "./bio.ts";

/** One or several bios that lie next to each other: what the device sees. */
export class Request {
  readonly operation: BioOperation;
  block: BlockNumber;
  count: Pages;
  /** When the medium has its data ready, how long the data takes on the bus, and when it will have arrived. */
  readyAt: Instant = 0;
  transfer: Duration = 0;
  endsAt: Instant = 0;
  /** When its channel looks next whether it has ended; before `endsAt` if others got ahead on the bus. */
  alarmAt: Instant = 0;
  readonly #bios: Bio[];

  constructor(bio: Bio) {
    this.operation = bio.operation;
    this.block = bio.block;
    this.count = bio.count;
    this.#bios = [bio];
  }

  get bios(): readonly Bio[] {
    return this.#bios;
  }

  /** Joins a bio at the back or the front; false if it does not adjoin or the request would grow too long. */
  tryMerge(bio: Bio, maxPages: Pages): boolean {
    if (bio.operation !== this.operation || this.count + bio.count > maxPages) return false;
    if (bio.block === this.block + this.count) {
      this.#bios.push(bio);
    } else if (bio.block + bio.count === this.block) {
      this.#bios.unshift(bio);
      this.block = bio.block;
    } else {
      return false;
    }
    this.count += bio.count;
    return true;
  }

  complete(engine: Engine, status: BioStatus): void {
    for (const bio of this.#bios) bio.complete(engine, status);
  }
}
