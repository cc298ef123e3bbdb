import { type BlockDevice, GenerationCounter, OwnerTable } from "./block/index.ts";
import type { Breach } from "./breaches.ts";
import { type CostName, costsOf } from "./costs.ts";
import {
  type Actor,
  assert,
  type Chooser,
  type Costs,
  type Duration,
  Engine,
  FailSlab,
  type Instant,
  type Pages,
  type Process,
  Processors,
} from "./engine/index.ts";
import { allocationFails, isMemoryShort, reportTouches } from "./explored-machine.ts";
import {
  type DeviceBlock,
  type FileObserver,
  type Filesystem,
  filesystemTypes,
  operations,
} from "./fs/index.ts";
import { createMemory } from "./machine-memory.ts";
import {
  type AddressSpace,
  copyToUser,
  KernelMemory,
  kernelProfiles,
  kswapd,
  type MemCgroup,
  type MemoryManager,
  zswapShrinker,
} from "./mm/index.ts";
import { FileOracle, PageOracle, ViolationLedger, WitnessTracker } from "./oracle/index.ts";
import type { Scenario, StrategyVariant, SwapSpec, TaskMemorySpec } from "./scenario.ts";
import { lookAtSlot } from "./slot-view.ts";
import { Storage } from "./storage.ts";
import { SwapSpace, type SwapStrategy, type SwapTarget, strategies } from "./swap/index.ts";
import { MachineSwap } from "./swap-control.ts";

/** Kernel log lines kept. */
const LOG_LINES = 200;

/**
 * One machine: all layers plugged together, with the oracle listening at every port. Building it takes no simulated
 * time; `simulate` runs it.
 */
export class Machine {
  readonly scenario: Scenario;
  readonly variant: StrategyVariant;
  readonly strategy: SwapStrategy;
  readonly engine: Engine;
  readonly processors: Processors;
  readonly owners: OwnerTable = new OwnerTable();
  readonly generations: GenerationCounter = new GenerationCounter();
  /** Block devices by name. */
  readonly devices: ReadonlyMap<string, BlockDevice>;
  readonly #costs: Costs<CostName>;
  readonly #kernelMemory = new KernelMemory(
    () => this.mm,
    (site) => isMemoryShort(this, site),
  );
  readonly filesystem: Filesystem | undefined;
  swap: SwapSpace;
  mm: MemoryManager;
  /** Tasks of earlier boots that were killed for lack of memory. */
  #oomKillsBefore = 0;
  readonly ledger: ViolationLedger = new ViolationLedger();
  readonly pageOracle: PageOracle;
  readonly fileOracle: FileOracle;
  readonly witnesses: WitnessTracker = new WitnessTracker();
  readonly log: { readonly at: Instant; readonly line: string }[] = [];
  readonly faults: ReadonlySet<string>;
  readonly failslab: FailSlab = new FailSlab(
    () => this.engine.current,
    () => allocationFails(this),
  );
  /** Areas whose block list was wrong when they were switched on. */
  readonly staleMappings: Breach[] = [];
  /** Signals that were sent to steps, and how long each step went on. */
  readonly signals: { readonly step: string; readonly ignoredFor: Duration }[] = [];
  readonly swapControl: MachineSwap = new MachineSwap(this);
  readonly #listeners = new Set<(line: string) => void>();

  constructor(scenario: Scenario, variant: StrategyVariant) {
    this.scenario = scenario;
    this.variant = variant;
    this.strategy = strategies.require(variant.strategy);
    this.faults = new Set(scenario.faults);
    this.#costs = costsOf(scenario.machine.costs);
    this.engine = new Engine({ seed: scenario.seed });
    this.processors = new Processors(this.engine, scenario.machine.cpus);
    this.swap = this.#createSwapSpace();
    this.pageOracle = this.#createPageOracle();
    this.fileOracle = this.#createFileOracle();
    const storage = this.#createStorage();
    this.devices = storage.devices;
    this.filesystem = this.#createFilesystem();
    if (this.filesystem) storage.addOverFiles(this.filesystem);
    this.mm = createMemory(this, this.#costs);
    this.#createGroups();
    this.#startThreads();
  }

  /** From now on, or from `from`, `chooser` decides what happens next. */
  explore(chooser: Chooser, from?: Instant): void {
    this.engine.explore(chooser, from);
    reportTouches(this);
  }

  /** Calls `listener` with every line of the kernel log from now on, until what is returned is called. */
  listen(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tasks that were killed for lack of memory. */
  get oomKills(): number {
    return this.#oomKillsBefore + this.mm.tasks.filter((task) => task.death === "oom").length;
  }

  /**
   * The power fails and comes back: everybody but `survivors` (who live outside the machine) ends where it stands, memory
   * and swap are gone, the filesystem goes back to its last commit and is mounted. Nobody starts the tasks again.
   */
  losePower(survivors: ReadonlySet<Process>): void {
    this.logLine("the power failed");
    this.engine.killAllBut(survivors);
    this.processors.abandon();
    this.failslab.forget();
    for (const device of this.devices.values()) device.powerLoss();
    this.filesystem?.recover?.();
    this.#oomKillsBefore = this.oomKills;
    this.swapControl.forget();
    this.swap = this.#createSwapSpace();
    this.mm = createMemory(this, this.#costs, this.mm);
    if (this.engine.exploring) reportTouches(this);
    this.#createGroups();
    this.#startThreads();
  }

  logLine(line: string): void {
    for (const listener of this.#listeners) listener(line);
    if (this.log.length < LOG_LINES) this.log.push({ at: this.engine.now, line });
  }

  device(name: string): BlockDevice {
    const device = this.devices.get(name);
    assert(device !== undefined, "a validated device exists");
    return device;
  }

  /** What the variant makes its area on, and how large that is. */
  swapTarget(spec: SwapSpec): { readonly target: SwapTarget; readonly pages: Pages; readonly name: string } {
    if (this.strategy.targets === "device") return this.#deviceTarget(spec);
    assert(spec.target.kind === "file", "a strategy for files is given a file");
    const fs = this.filesystem;
    const file = fs?.lookup(spec.target.path);
    assert(fs !== undefined && file !== undefined, "a validated swap file exists");
    return { target: { kind: "file", fs, file }, pages: file.size, name: spec.target.path };
  }

  #deviceTarget(spec: SwapSpec): { target: SwapTarget; pages: Pages; name: string } {
    const named = String(this.variant.options["device"] ?? "");
    const name = named !== "" || spec.target.kind !== "device" ? named : spec.target.device;
    const device = this.device(name);
    return { target: { kind: "device", device }, pages: device.size, name: `/dev/${name}` };
  }

  #createPageOracle(): PageOracle {
    return new PageOracle({
      now: () => this.engine.now,
      generations: this.generations,
      ledger: this.ledger,
      look: (entry) => lookAtSlot(this, entry),
    });
  }

  #createFileOracle(): FileOracle {
    return new FileOracle({
      now: () => this.engine.now,
      owners: this.owners,
      ledger: this.ledger,
      holdersOf: (place: DeviceBlock) => this.filesystem?.holdersOf(place) ?? [],
    });
  }

  #createStorage(): Storage {
    const { storage, timeline, explore } = this.scenario;
    const { engine, processors, faults } = this;
    const trackDurability = timeline.some(({ do: name }) => operations.get(name)?.cutsPower);
    const memory = this.#kernelMemory;
    const costs = this.#costs;
    const failing = explore?.ioFails;
    const context = { engine, processors, memory, faults, costs, trackDurability };
    return new Storage(failing ? { ...context, failsByChoice: failing } : context, storage);
  }

  #createFilesystem(): Filesystem | undefined {
    const spec = this.scenario.filesystem;
    if (!spec) return undefined;
    const context = {
      engine: this.engine,
      processors: this.processors,
      owners: this.owners,
      generations: this.generations,
      observer: this.#fileObserver(),
      kernel: this.scenario.machine.kernel,
      faults: this.faults,
      failslab: this.failslab,
      memory: this.#kernelMemory,
      costs: this.#costs,
      log: (line: string) => this.logLine(line),
    };
    const devices = spec.devices.map((name) => this.device(name));
    const fs = filesystemTypes.require(spec.type).create(context, devices, spec.options, spec.layout);
    const cow = this.strategy.wantsCowFile(this.variant.options);
    for (const file of spec.files) {
      const isSwap = this.scenario.swap.some(
        ({ target }) => target.kind === "file" && target.path === file.path,
      );
      const made = fs.createFile(isSwap && cow ? { ...file, nocow: false } : file);
      assert(typeof made !== "string", "the files of a validated scenario fit their filesystem");
      if (isSwap) this.fileOracle.declareSwapFile(made.owner);
    }
    return fs;
  }

  #fileObserver(): FileObserver {
    const oracle = this.fileOracle;
    return {
      wrote: (file, first, count, generation) => oracle.wrote(file, first, count, generation),
      read: (file, block, found, place) => oracle.read(file, block, found, place),
      cloned: (from, to, first, count) => oracle.cloned(from, to, first, count),
      removed: (file, first, count) => oracle.removed(file, first, count),
      relocated: (file, first, count, how, operation, reason) => {
        const name = this.owners.get(file).name;
        const area = this.swap.areas.find((candidate) => candidate.name === name);
        if (!area || first >= area.slots) return;
        const slots = Math.min(count, area.slots - first);
        const isLive = (entry: number): boolean => area.map.count(entry - area.base) > 0;
        this.witnesses.relocated(area.base + first, slots, how, operation, reason, isLive);
      },
    };
  }

  #createSwapSpace(): SwapSpace {
    const { cpus, kernel } = this.scenario.machine;
    const profile = kernelProfiles.require(kernel);
    const { faults } = this;
    return new SwapSpace(cpus, {
      ...profile,
      asksRotationalEarly: profile.asksRotationalEarly && !faults.has("countAfterActivation"),
      turnsListUnchecked: profile.turnsListUnchecked || faults.has("turnListUnchecked"),
    });
  }

  #createGroups(): void {
    for (const { name, charged = 0, stock = 0, ...limits } of this.scenario.groups ?? []) {
      const group = this.mm.createGroup(name, limits);
      group.usage = charged;
      group.stock = stock;
    }
  }

  /**
   * The memory of a new task in its memory cgroup, or that of the task whose thread it is; that of a fork is like its
   * parent's and still empty. Without that other task, which a shrinker may have left out, it has memory of its own.
   */
  createTask(name: string, pages: Pages, spec: TaskMemorySpec): AddressSpace {
    const { compressed, threadOf, forkOf } = spec;
    const owner = this.mm.tasks.find((task) => task.name === threadOf);
    if (owner) {
      owner.threads++;
      return owner;
    }
    const parent = this.mm.tasks.find((task) => task.name === forkOf);
    if (parent) this.mm.willFork(parent);
    const group = spec.group === undefined && parent ? parent.group : this.groupNamed(spec.group);
    const compressedSize = compressed === undefined ? parent?.compressedSize : () => compressed;
    return this.mm.createTask(name, parent?.pages ?? pages, {
      group,
      ...(compressedSize ? { compressedSize } : {}),
    });
  }

  /** Stores to the first page of a task; nothing if there is none of that name. */
  *touch(name: string | undefined): Actor {
    const task = this.mm.tasks.find((candidate) => candidate.name === name);
    if (task) yield* copyToUser(this.mm, task, 0);
  }

  /** The memory cgroup of a task; the root if it names none. */
  groupNamed(name: string | undefined): MemCgroup {
    const group = this.mm.groups.find((candidate) => candidate.name === (name ?? ""));
    assert(group !== undefined, "a validated group exists");
    return group;
  }

  #startThreads(): void {
    this.engine.spawn("kswapd0", kswapd(this.mm), { daemon: true });
    if (this.mm.zswap) this.engine.spawn("zswap-shrink", zswapShrinker(this.mm), { daemon: true });
    this.engine.spawn("psi_avgs", this.mm.psi.averaging(), { daemon: true });
    this.filesystem?.mount();
  }
}
