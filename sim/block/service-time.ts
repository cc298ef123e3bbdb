import { bytesOf, type Duration, type Pages, type RandomStream, SECOND } from "../engine/index.ts";
import type { DeviceModel, SeekModel } from "./device-model.ts";
import type { Request } from "./request.ts";

/** Time of the head to travel `distance` blocks on a disk of `size` blocks: settle plus a square root up to the full stroke. */
export function seekTime(seek: SeekModel, distance: Pages, size: Pages): Duration {
  if (distance === 0) return 0;
  return seek.settle + Math.round((seek.fullStroke - seek.settle) * Math.sqrt(distance / size));
}

/** Time to move the data over the device's bus. */
export function transferTime(model: DeviceModel, request: Request): Duration {
  const bandwidth = request.operation === "read" ? model.readBandwidth : model.writeBandwidth;
  if (request.operation !== "read" && request.operation !== "write") return 0;
  return Math.round((bytesOf(request.count) * SECOND) / bandwidth);
}

/** Time before the data moves: the latency of the medium, or seek and rotation of a disk. */
export class AccessTime {
  readonly #model: DeviceModel;
  readonly #size: Pages;
  readonly #random: RandomStream;
  /** The block after the last one transferred: where the head stands. */
  #head = 0;

  constructor(model: DeviceModel, size: Pages, random: RandomStream) {
    this.#model = model;
    this.#size = size;
    this.#random = random;
  }

  before(request: Request): Duration {
    const { readLatency, writeLatency, flushLatency, discardLatency, seek } = this.#model;
    switch (request.operation) {
      case "flush":
        return flushLatency;
      case "discard":
        return discardLatency;
      default: {
        const latency = request.operation === "read" ? readLatency : writeLatency;
        return latency + (seek ? this.#moveHead(seek, request) : 0);
      }
    }
  }

  /** A request that begins where the head stands needs neither seek nor rotation. */
  #moveHead(seek: SeekModel, request: Request): Duration {
    const distance = Math.abs(request.block - this.#head);
    this.#head = request.block + request.count;
    if (distance === 0) return 0;
    return seekTime(seek, distance, this.#size) + this.#random.below(seek.rotation);
  }
}
