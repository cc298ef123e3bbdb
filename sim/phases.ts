import { audit } from "./audit.ts";
import { checkMachine } from "./checks/index.ts";
import {
  type Actor,
  type Duration,
  delay,
  type Pages,
  SECOND,
  SimulationBug,
  WaitQueue,
} from "./engine/index.ts";
import { fileReader } from "./file-reader.ts";
import { Machine } from "./machine.ts";
import { type AccessSource, type AddressSpace, type Between, MemoryTask } from "./mm/index.ts";
import type { Scenario, StrategyVariant } from "./scenario.ts";

/** A program of an experiment. It is stopped after each phase and keeps its memory until the end. */
export interface PhasedProgram {
  readonly name: string;
  readonly pages: Pages;
  /** CPU time per access. */
  readonly cpu: Duration;
  /** Memory cgroup it runs in; left out: the root. */
  readonly group?: string;
  /** Bytes that its pages compress to; left out: a third of a page. */
  readonly compressed?: number;
  /** A data file on a disk of its own that the program reads. */
  readonly file?: PhasedFile;
}

/** The data file of a program: it fills its disk from the first block on. */
export interface PhasedFile {
  readonly device: string;
  /** Pages that are read, in ascending order, again and again. */
  readonly pages: Pages;
  /** One page is read after so many accesses. */
  readonly every: number;
  /** Read with loads from a mapping; otherwise by system calls. */
  readonly mapped: boolean;
}

/** A part of an experiment: all programs do their share of it, then the counters are read. */
export interface Phase {
  readonly name: string;
  /** One program after the other, or all released at the same instant. */
  readonly order: "in turn" | "at once";
  /** Accesses of a program by its number; undefined if it does nothing in this phase. */
  readonly open: (program: number) => AccessSource | undefined;
  /** Programs with a data file read it between their accesses. */
  readonly readsFiles?: boolean;
}

/** An experiment: the machine of a scenario without tasks of its own, and programs that are led through phases. */
export interface PhasedExperiment {
  readonly scenario: Scenario;
  readonly variant: StrategyVariant;
  readonly programs: readonly PhasedProgram[];
  readonly phases: readonly Phase[];
  readonly times: PhaseTimes;
}

/** How long the control program of an experiment takes. */
export interface PhaseTimes {
  /** From the end of a phase until the counters are read: what is still on its way counts. */
  readonly untilRead: Duration;
  /** From reading the counters until the next phase begins. */
  readonly untilNext: Duration;
}

/** How much the counters grew in a phase. */
export interface PhaseCounters {
  readonly name: string;
  /** Names of /proc/vmstat; `blk.*` are sums over all disks, `wl.*` getrusage figures summed over the programs. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface PhasedResult {
  /** The phases that came to their end. */
  readonly phases: readonly PhaseCounters[];
  /** Why the experiment did not come to its end or means nothing; undefined if all is well. */
  readonly failure: string | undefined;
  readonly simulatedNs: Duration;
  readonly fingerprint: string;
}

/** No experiment takes this long; whoever still runs then never ends. */
const LONGEST: Duration = 4 * 3600 * SECOND;

/** Leads programs through phases on one machine and tells what each phase moved. */
export function simulatePhases(experiment: PhasedExperiment): PhasedResult {
  return new PhasedRun(experiment).execute();
}

interface Program {
  readonly space: AddressSpace;
  readonly task: MemoryTask;
  readonly between: Between | undefined;
}

class PhasedRun {
  readonly #machine: Machine;
  readonly #experiment: PhasedExperiment;
  readonly #tasks: Program[];
  readonly #partEnded: WaitQueue;
  readonly #done: PhaseCounters[] = [];
  #refusal: string | undefined;
  #running = 0;

  constructor(experiment: PhasedExperiment) {
    this.#experiment = experiment;
    const machine = new Machine(experiment.scenario, experiment.variant);
    this.#machine = machine;
    this.#partEnded = new WaitQueue(machine.engine, "a program has ended its part");
    this.#tasks = experiment.programs.map(({ name, pages, cpu, group, compressed, file }) => {
      const space = machine.createTask(name, pages, { group, compressed });
      const nothing: AccessSource = { pages, fill: () => 0 };
      const options = { cpu, repeat: 0, init: false, open: () => nothing };
      const task = new MemoryTask(machine.mm, space, options);
      return { space, task, between: file && fileReader(machine, space, file) };
    });
  }

  execute(): PhasedResult {
    const { engine } = this.#machine;
    engine.spawn("experiment", this.#lead());
    const outcome = engine.run(LONGEST);
    audit(this.#machine);
    const [broken] = checkMachine(this.#machine);
    if (broken !== undefined) throw new SimulationBug(`a recount disagrees: ${broken}`);
    return {
      phases: this.#done,
      failure: this.#failure(outcome.kind),
      simulatedNs: outcome.at,
      fingerprint: engine.fingerprint.toString(),
    };
  }

  #failure(outcome: string): string | undefined {
    if (outcome !== "finished") return `the machine did not come to an end: ${outcome}`;
    if (this.#refusal !== undefined) return `swapon failed: ${this.#refusal}`;
    const [wrong] = this.#machine.ledger.listed;
    return wrong && `a page was wrong: ${wrong.what}`;
  }

  /** What the control program of an experiment does. */
  *#lead(): Actor {
    this.#refusal = yield* this.#machine.swapControl.boot();
    if (this.#refusal !== undefined) return;
    const { phases, times } = this.#experiment;
    const { untilRead, untilNext } = times;
    for (const phase of phases) {
      const before = this.#counters();
      yield* this.#runPhase(phase);
      yield delay("read the counters", untilRead);
      this.#done.push({ name: phase.name, counters: growth(before, this.#counters()) });
      yield delay("release the programs", untilNext);
    }
  }

  *#runPhase({ name, order, open, readsFiles = false }: Phase): Actor {
    for (const [number, { task, space, between }] of this.#tasks.entries()) {
      const source = space.death ? undefined : open(number);
      if (!source) continue;
      this.#running++;
      this.#machine.engine.spawn(
        `${space.name} ${name}`,
        this.#runPart(task, source, readsFiles ? between : undefined),
      );
      if (order === "in turn") yield* this.#waitForAll();
    }
    yield* this.#waitForAll();
  }

  *#runPart(task: MemoryTask, source: AccessSource, between: Between | undefined): Actor {
    yield* task.runPart(source, between);
    this.#running--;
    this.#partEnded.wakeAll();
  }

  *#waitForAll(): Actor {
    while (this.#running > 0) yield this.#partEnded.wait("wait for the programs");
  }

  /** All counters as they stand now. */
  #counters(): Record<string, number> {
    const { mm, devices } = this.#machine;
    const counters: Record<string, number> = { ...mm.vm };
    const add = (name: string, amount: number): void => {
      counters[name] = (counters[name] ?? 0) + amount;
    };
    for (const { stats } of devices.values()) {
      add("blk.rd_ios", stats.readIos);
      add("blk.rd_merges", stats.readMerges);
      add("blk.wr_ios", stats.writeIos);
      add("blk.wr_merges", stats.writeMerges);
    }
    for (const { space } of this.#tasks) {
      add("wl.majflt", space.majorFaults);
      add("wl.minflt", space.faults - space.majorFaults);
    }
    return counters;
  }
}

function growth(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]),
  );
}
