import type { Actor, Duration, MaybeActor } from "../../engine/index.ts";
import { assert, call, MICROSECOND, TimeWatch } from "../../engine/index.ts";
import type { AccessSource } from "../access-pattern.ts";
import type { AddressSpace } from "../address-space.ts";
import { exitThread } from "../exit-mm.ts";
import { handleMmFault } from "../fault.ts";
import { handleOverHigh } from "../memcg/charge.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { AccessWatcher } from "../policies/reclaim-policy.ts";
import { touchResident } from "../pte.ts";
import { payCpu } from "./pay-cpu.ts";
import { referenceString } from "./reference-string.ts";

/** Accesses fetched from the source at a time. */
const BATCH = 4096;
/**
 * A task may run this far past the next event of somebody else. Events then interleave with accesses to within this
 * grain, and two busy tasks do not make one event per access. An estimate: about the latency of one I/O.
 */
const GRAIN: Duration = 100 * MICROSECOND;

export interface MemoryTaskOptions {
  readonly cpu: Duration;
  /** Runs of the whole source; infinity until the machine stops. */
  readonly repeat: number;
  readonly init: boolean;
  /** Opens the accesses from their beginning. */
  readonly open: () => AccessSource;
  /** What the program does besides touching memory. */
  readonly between?: Between;
}

/** Something a program does after every so many accesses: reading a file. */
export interface Between {
  readonly every: number;
  run(): Actor;
}

/** A program that touches memory: the accesses of its source, one after the other, each costing CPU time. */
export class MemoryTask {
  readonly #mm: MemoryManager;
  readonly #space: AddressSpace;
  readonly #options: MemoryTaskOptions;
  readonly #batch = new Uint32Array(BATCH);
  readonly #watcher: AccessWatcher | undefined;
  #between: Between | undefined;
  readonly #watch: TimeWatch;
  #untilBetween = Number.POSITIVE_INFINITY;
  accesses = 0;

  constructor(mm: MemoryManager, space: AddressSpace, options: MemoryTaskOptions) {
    assert(options.cpu > 0, "an access costs CPU time");
    this.#mm = mm;
    this.#space = space;
    this.#options = options;
    this.#watch = new TimeWatch(mm.faultTimes);
    this.#watcher = space.group.lruvec.accesses;
    this.#doInBetween(options.between);
  }

  *run(): Actor {
    const { psi } = this.#mm;
    psi.beginWork();
    this.#watcher?.begin(this.#space, () => referenceString(this.#space.pages, this.#options));
    if (this.#options.init) yield* this.#writeAllPages();
    for (let round = 0; round < this.#options.repeat && !this.#space.death; round++) {
      yield* this.#runSource(this.#options.open());
    }
    yield* this.#payCpu();
    psi.endWork();
    yield* exitThread(this.#mm, this.#space);
  }

  /** One part of a program that is stopped after each: all accesses of a source. The task keeps its memory. */
  *runPart(source: AccessSource, between?: Between): Actor {
    const { psi } = this.#mm;
    this.#doInBetween(between);
    psi.beginWork();
    yield* this.#runSource(source);
    yield* this.#payCpu();
    psi.endWork();
  }

  *#runSource(source: AccessSource): Actor {
    for (let count = source.fill(this.#batch); count > 0; count = source.fill(this.#batch)) {
      yield call(this.#runBatch(count));
      if (this.#space.death) return;
    }
  }

  /** The init phase of the measured workload program: every page is written once, in order. */
  *#writeAllPages(): Actor {
    for (let page = 0; page < this.#space.pages && !this.#space.death; ) {
      let count = 0;
      while (count < BATCH && page < this.#space.pages) this.#batch[count++] = page++ * 2 + 1;
      yield call(this.#runBatch(count));
    }
  }

  *#runBatch(count: number): Actor {
    const { psi } = this.#mm;
    const { ptes, stored } = this.#space;
    for (let done = 0; done < count && !this.#space.death; ) {
      const limit = Math.min(count, done + this.#budget());
      const stop = touchResident(ptes, stored, this.#batch, done, limit);
      this.#watcher?.touched(this.#space, this.#batch, done, stop);
      this.#account(stop - done);
      done = stop;
      if (stop === limit || this.#space.owed >= GRAIN) yield* this.#payCpu();
      if (stop < limit) {
        // Whatever the fault waits for is not work; its own CPU time is paid with the next accesses.
        psi.endWork();
        const cost = this.#fault(this.#batch[stop]!);
        // Added after the fault: one that sleeps pays what the task owed until then.
        const own = typeof cost === "number" ? cost : this.#unwatched(yield* this.#watched(cost));
        this.#space.owed += own;
        if (this.#space.group.overHigh > 0) yield* handleOverHigh(this.#mm, this.#space.group);
        psi.beginWork();
      }
      if (this.#untilBetween <= 0) yield* this.#doBetween();
    }
  }

  /** Accesses that fit before the next event of anybody else, at least one. */
  #budget(): number {
    const { engine } = this.#mm;
    const horizon = Math.max(engine.nextEventAt() - engine.now, GRAIN) - this.#space.owed;
    const accesses = Math.max(1, Math.floor(horizon / this.#options.cpu));
    return Math.min(accesses, this.#untilBetween);
  }

  #account(accesses: number): void {
    this.accesses += accesses;
    this.#space.owed += accesses * this.#options.cpu;
    this.#untilBetween -= accesses;
  }

  #fault(access: number): MaybeActor<Duration> {
    return handleMmFault(this.#mm, this.#space, access >>> 1, (access & 1) === 1);
  }

  /** A fault that may wait, with an account of where its time goes, until `unwatched`. */
  #watched(fault: Actor<Duration>): Actor<Duration> {
    const { engine } = this.#mm;
    this.#watch.begin(engine.now, "first touch");
    engine.current.watch = this.#watch;
    return fault;
  }

  /** Such a fault has ended; passes on what it cost. */
  #unwatched(cost: Duration): Duration {
    const { engine } = this.#mm;
    engine.current.watch = undefined;
    this.#watch.end(engine.now, "handle_mm_fault", cost);
    return cost;
  }

  #payCpu(): Actor {
    return payCpu(this.#mm, this.#space);
  }

  #doInBetween(between: Between | undefined): void {
    this.#between = between;
    this.#untilBetween = between?.every ?? Number.POSITIVE_INFINITY;
  }

  *#doBetween(): Actor {
    const between = this.#between;
    assert(between !== undefined, "only a task with something in between counts up to it");
    this.#untilBetween = between.every;
    yield* this.#payCpu();
    this.#mm.psi.endWork();
    yield* between.run();
    this.#mm.psi.beginWork();
  }
}
