import type { Duration, Pages, RandomStream } from "../engine/index.ts";
import type { BioOperation } from "./bio.ts";

/** What goes wrong with a device, by chance. */
export interface DeviceFaultRates {
  /** Share of reads and of writes that end with EIO; what such a write carried is not on the device. */
  readonly readErrors?: number;
  readonly writeErrors?: number;
  /** Share of requests that take `spikeTime` longer: garbage collection, a retry on the bus. */
  readonly spikes?: number;
  readonly spikeTime?: Duration;
  /** Share of the writes under way at a power loss of which a part, but not all, reaches the medium. */
  readonly tornWrites?: number;
}

/** Decides for each request whether something goes wrong with it. */
export class DeviceFaults {
  readonly #rates: DeviceFaultRates;
  readonly #random: RandomStream;
  /** Requests that ended with an error, by operation. */
  readonly injected: { read: number; write: number } = { read: 0, write: 0 };

  constructor(rates: DeviceFaultRates, random: RandomStream) {
    this.#rates = rates;
    this.#random = random;
  }

  /** The request has come to its end: is that an error? */
  fails(operation: BioOperation): boolean {
    if (operation !== "read" && operation !== "write") return false;
    const { readErrors = 0, writeErrors = 0 } = this.#rates;
    if (!this.#random.chance(operation === "read" ? readErrors : writeErrors)) return false;
    this.injected[operation]++;
    return true;
  }

  /** Blocks of a write under way that reach the medium when the power fails, from its beginning. */
  tornBlocks(count: Pages): Pages {
    const { tornWrites = 0 } = this.#rates;
    return tornWrites > 0 && this.#random.chance(tornWrites) ? this.#random.below(count) : 0;
  }

  /** How much longer the request takes. */
  delay(): Duration {
    const { spikes = 0, spikeTime = 0 } = this.#rates;
    return spikes > 0 && this.#random.chance(spikes) ? spikeTime : 0;
  }
}
