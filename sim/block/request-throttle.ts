import { type Duration, type Instant, SECOND } from "../engine/index.ts";

/** Requests that pass at once after a pause: a tenth of a second's worth, as QEMU's throttle lets them. */
const BURST_SHARE = 0.1;

/**
 * A limit on requests a second (a leaky bucket, as QEMU's iops limit and most administrators' throttles are): bursts pass
 * as long as the mean rate is kept.
 */
export class RequestThrottle {
  readonly #perSecond: number;
  #level = 0;
  #levelAt: Instant = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** One more request; how long it is held back. */
  delay(now: Instant): Duration {
    const leaked = ((now - this.#levelAt) * this.#perSecond) / SECOND;
    this.#level = Math.max(0, this.#level - leaked) + 1;
    this.#levelAt = now;
    const over = this.#level - this.#perSecond * BURST_SHARE;
    return over <= 0 ? 0 : Math.round((over * SECOND) / this.#perSecond);
  }
}
