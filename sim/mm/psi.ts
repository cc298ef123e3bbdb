import { type Actor, type Duration, type Engine, type Instant, SECOND, sleep } from "../engine/index.ts";

/** How often the averages are renewed (PSI_FREQ, 6.1). */
const PERIOD: Duration = 2 * SECOND;
/** Weight of the old average in 1/2048 for 10, 60 and 300 s (EXP_10s …, kernel/sched/psi.c, 6.1). */
const DECAY = [1677, 1981, 2034] as const;
const SCALE = 2048;

/** One line of /proc/pressure/memory: averages in percent. */
export interface PressureAverages {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  /** Stalled time, ns. */
  readonly total: Duration;
}

class PressureLine {
  total: Duration = 0;
  readonly #averages: [number, number, number] = [0, 0, 0];
  #totalAtPeriod: Duration = 0;

  renew(): void {
    const sample = (100 * (this.total - this.#totalAtPeriod)) / PERIOD;
    this.#totalAtPeriod = this.total;
    for (const index of [0, 1, 2] as const) {
      const weight = DECAY[index];
      this.#averages[index] = (this.#averages[index] * weight + sample * (SCALE - weight)) / SCALE;
    }
  }

  averages(): PressureAverages {
    const [avg10, avg60, avg300] = this.#averages;
    return { avg10, avg60, avg300, total: this.total };
  }
}

/**
 * Pressure stall information for memory. "some": at least one task is stalled; "full": one is and none does
 * productive work. A task that waits for anything else (a timer, plain file I/O) is neither.
 */
export class Psi {
  readonly some: PressureLine = new PressureLine();
  readonly full: PressureLine = new PressureLine();
  readonly #engine: Engine;
  #stalled = 0;
  #productive = 0;
  #since: Instant = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** A task begins to compute (or to want a CPU) on its own behalf. */
  beginWork(): void {
    this.#account();
    this.#productive++;
  }

  endWork(): void {
    this.#account();
    this.#productive--;
  }

  /** psi_memstall_enter: from here the task only waits for memory. It must not count as working meanwhile. */
  enterStall(): void {
    this.#account();
    this.#stalled++;
  }

  leaveStall(): void {
    this.#account();
    this.#stalled--;
  }

  /** A power loss: nobody computes or waits any more. */
  abandon(): void {
    this.#account();
    this.#stalled = 0;
    this.#productive = 0;
  }

  /** Renews the averages every two seconds; a daemon. */
  *averaging(): Actor {
    for (;;) {
      yield sleep("psi_avgs_work", PERIOD);
      this.#account();
      this.some.renew();
      this.full.renew();
    }
  }

  /** Brings the totals up to the present instant. */
  settle(): void {
    this.#account();
  }

  #account(): void {
    const elapsed = this.#engine.now - this.#since;
    this.#since = this.#engine.now;
    if (elapsed === 0 || this.#stalled === 0) return;
    this.some.total += elapsed;
    if (this.#productive === 0) this.full.total += elapsed;
  }
}
