import { checkMachine } from "./checks/index.ts";
import { conclude } from "./conclusion.ts";
import {
  type Actor,
  type EngineOutcome,
  type Instant,
  MILLISECOND,
  SimulationBug,
  sleep,
} from "./engine/index.ts";
import type { FileHandle, SpaceReport } from "./fs/index.ts";
import { Init } from "./init.ts";
import { Machine } from "./machine.ts";
import { Recorder } from "./recorder.ts";
import type { SpaceResult, StrategyResult } from "./result.ts";
import type { Scenario, StrategyVariant } from "./scenario.ts";
import { SwapPlaces, staleShare } from "./swap-places.ts";

/** How far a run has come. */
export interface Progress {
  readonly simulatedNs: number;
  readonly durationNs: number;
  readonly events: number;
}

export interface SimulateOptions {
  /** Called every tenth of a percent of the duration or so. */
  readonly onProgress?: (progress: Progress) => void;
  /** Recounts everything twenty times on the way; for tests. */
  readonly thorough?: boolean;
  /** False: no maps of the devices are kept; for tests, which do not look at them. */
  readonly maps?: boolean;
  /** The devices are mapped at this instant as well. */
  readonly mapAt?: Instant;
}

/** Parts of the duration between two reports of progress. */
const PROGRESS_STEPS = 200;
/** Steps of progress between two recounts of everything in a thorough run. */
const RECOUNT_EVERY = 10;
/** How often the space in use is looked at. */
const SPACE_SAMPLING = 100 * MILLISECOND;

/** Runs one machine with one strategy variant. A function from plain data to plain data. */
export function simulate(
  scenario: Scenario,
  variant: StrategyVariant,
  options: SimulateOptions = {},
): StrategyResult {
  const run = new Run(scenario, variant, options);
  return run.toResult(run.execute(options));
}

class Run {
  readonly #machine: Machine;
  readonly #init: Init;
  readonly #recorder: Recorder;
  readonly #spaceBefore: SpaceReport | undefined;
  readonly #extentsBefore: number;
  readonly #places: SwapPlaces | undefined;
  #extraPeak = 0;

  constructor(scenario: Scenario, variant: StrategyVariant, { maps, mapAt }: SimulateOptions) {
    this.#machine = new Machine(scenario, variant);
    this.#recorder = new Recorder(this.#machine, maps, mapAt);
    this.#init = new Init(this.#machine);
    this.#spaceBefore = this.#machine.filesystem?.space();
    this.#extentsBefore = this.#swapFileExtents();
    const { filesystem } = this.#machine;
    this.#places = filesystem && new SwapPlaces(filesystem, this.#swapFiles());
  }

  execute(options: SimulateOptions): EngineOutcome {
    const { engine, scenario } = this.#machine;
    engine.spawn("boot", this.#init.run([{ name: "space sampler", actor: this.#sampleSpace() }]));
    const part = Math.max(1, Math.floor(scenario.duration / PROGRESS_STEPS));
    let parts = 0;
    for (let nextPart = part; ; ) {
      const until = Math.min(nextPart, this.#recorder.due, scenario.duration);
      const outcome = engine.run(until);
      if (outcome.kind !== "time-is-up" || until >= scenario.duration) return outcome;
      this.#recorder.look(until);
      if (until < nextPart) continue;
      nextPart += part;
      options.onProgress?.({ simulatedNs: until, durationNs: scenario.duration, events: engine.events });
      if (options.thorough && ++parts % RECOUNT_EVERY === 0) this.#mustBeSound();
    }
  }

  *#sampleSpace(): Actor {
    for (;;) {
      this.#noteSpace();
      yield sleep("sample space", SPACE_SAMPLING);
    }
  }

  #noteSpace(): void {
    const now = this.#machine.filesystem?.space();
    if (!now || !this.#spaceBefore) return;
    this.#extraPeak = Math.max(this.#extraPeak, inUse(now) - inUse(this.#spaceBefore));
  }

  #mustBeSound(): void {
    const broken = checkMachine(this.#machine);
    if (broken.length > 0) throw new SimulationBug(`a recount disagrees: ${broken[0]}`);
  }

  toResult(outcome: EngineOutcome): StrategyResult {
    const machine = this.#machine;
    const { engine, mm, ledger, variant } = machine;
    this.#noteSpace();
    const { checks, pagesBack: _, deadlockedIn: __, ...judged } = conclude(machine, this.#init, outcome);
    const latency = mm.majorFaultLatency;
    return {
      name: variant.name,
      strategy: variant.strategy,
      ...judged,
      outcome: outcome.kind,
      violations: ledger.listed,
      counters: this.#counters(),
      faultLatencyNs: {
        p50: latency.quantile(0.5),
        p99: latency.quantile(0.99),
        p999: latency.quantile(0.999),
        max: latency.max,
      },
      faultTime: { faults: mm.faultTimes.times, slices: mm.faultTimes.slices() },
      psi: { some: mm.psi.some.averages(), full: mm.psi.full.averages() },
      space: this.#space(),
      recording: this.#recorder.finish(outcome.at),
      log: machine.log,
      checks,
      simulatedNs: outcome.at,
      events: engine.events,
      fingerprint: engine.fingerprint.toString(),
    };
  }

  /** The counters of /proc/vmstat, then those of the writers and of the block devices. */
  #counters(): Record<string, number> {
    const counters: Record<string, number> = { ...this.#machine.mm.vm };
    for (const [name, { writes, failures }] of this.#init.writers) {
      counters[`task.${name}.writes`] = writes;
      counters[`task.${name}.failed_writes`] = failures;
    }
    for (const [name, { stats }] of this.#machine.devices) {
      counters[`blk.${name}.rd_ios`] = stats.readIos;
      counters[`blk.${name}.rd_merges`] = stats.readMerges;
      counters[`blk.${name}.wr_ios`] = stats.writeIos;
      counters[`blk.${name}.wr_merges`] = stats.writeMerges;
    }
    return counters;
  }

  #space(): SpaceResult | undefined {
    const after = this.#machine.filesystem?.space();
    if (!after || !this.#spaceBefore) return undefined;
    return {
      before: this.#spaceBefore,
      after,
      swapFileExtentsBefore: this.#extentsBefore,
      swapFileExtentsAfter: this.#swapFileExtents(),
      swapFileMoved: this.#places?.moved() ?? null,
      swapFileStale: staleShare(this.#machine),
      extraPeak: this.#extraPeak,
    };
  }

  #swapFileExtents(): number {
    const { filesystem } = this.#machine;
    return this.#swapFiles().reduce((sum, file) => sum + (filesystem?.extentsOf(file) ?? 0), 0);
  }

  /** Those that are there. */
  #swapFiles(): FileHandle[] {
    const { filesystem, scenario } = this.#machine;
    return scenario.swap.flatMap(({ target }) => {
      const file = target.kind === "file" ? filesystem?.lookup(target.path) : undefined;
      return file ? [file] : [];
    });
  }
}

function inUse(space: SpaceReport): number {
  return space.dataUsed + space.metadataUsed + space.pinned;
}
