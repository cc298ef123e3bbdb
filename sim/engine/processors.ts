import { type Actor, DONE, delay, park } from "./actor.ts";
import type { Engine } from "./engine.ts";
import type { Process } from "./process.ts";
import { type Duration, MILLISECOND } from "./units.ts";

/** A process keeps a CPU at most this long while others wait (CFS minimum granularity of a small machine, an estimate). */
const TIME_SLICE: Duration = 3 * MILLISECOND;

/** The CPUs of the machine: whoever computes holds one, the others wait in the order in which they came. */
export class Processors {
  readonly count: number;
  /** CPU time used so far, all CPUs together. */
  busy: Duration = 0;
  readonly #engine: Engine;
  #idle: number;
  readonly #waiting: Process[] = [];

  constructor(engine: Engine, count: number) {
    this.#engine = engine;
    this.count = count;
    this.#idle = count;
  }

  /** Processes that want a CPU and have none. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Computes at once, if a CPU is idle and nothing else happens meanwhile: it saves most paths an actor. */
  #runNow(label: string, duration: Duration): boolean {
    if (this.#idle === 0 || duration > TIME_SLICE || !this.#engine.tryAdvance(duration)) return false;
    this.#engine.current.watch?.add("cpu", label, duration);
    this.busy += duration;
    return true;
  }

  /** Computes for `duration` of CPU time; what it returns is run at once. */
  run(label: string, duration: Duration): Actor {
    return this.begin(label, duration) ?? DONE;
  }

  /** As `run`, for paths that are gone at every fault: undefined if all of it is done. */
  begin(label: string, duration: Duration): Actor | undefined {
    return this.#runNow(label, duration) ? undefined : this.#compute(label, duration);
  }

  *#compute(label: string, duration: Duration): Actor {
    for (let left = duration; left > 0; ) {
      if (this.#idle > 0) {
        this.#idle--;
      } else {
        this.#waiting.push(this.#engine.current);
        yield park("wait for a CPU", this);
      }
      const slice = left < TIME_SLICE ? left : TIME_SLICE;
      if (this.#engine.tryAdvance(slice)) this.#engine.current.watch?.add("cpu", label, slice);
      else yield delay(label, slice, this);
      left -= slice;
      this.busy += slice;
      this.#release();
    }
  }

  /** A power loss: nobody computes and nobody waits. */
  abandon(): void {
    this.#idle = this.count;
    this.#waiting.length = 0;
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) this.#engine.wake(next);
    else this.#idle++;
  }
}
