import {
  type Actor,
  type Bytes,
  type Duration,
  delay,
  type Engine,
  type Instant,
  SECOND,
} from "../../engine/index.ts";

/** A full-duplex link: what goes one way follows each other, and takes half a round trip more. */
export class Network {
  readonly #engine: Engine;
  readonly #roundTrip: Duration;
  /** Bytes a second each way. */
  readonly #bandwidth: Bytes;
  #freeAt: { out: Instant; in: Instant } = { out: 0, in: 0 };

  constructor(engine: Engine, roundTrip: Duration, bandwidth: Bytes) {
    this.#engine = engine;
    this.#roundTrip = roundTrip;
    this.#bandwidth = bandwidth;
  }

  /** Carries a message of so many bytes to its end. */
  *carry(way: "out" | "in", bytes: Bytes): Actor {
    const { now } = this.#engine;
    const sent = Math.max(now, this.#freeAt[way]) + Math.round((bytes * SECOND) / this.#bandwidth);
    this.#freeAt[way] = sent;
    yield delay(
      way === "out" ? "xs_tcp_send_request" : "xs_data_ready",
      sent - now + Math.floor(this.#roundTrip / 2),
    );
  }
}
