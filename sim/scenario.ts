import type { DeviceFaultRates, FailingRequests } from "./block/index.ts";
import type { CostName } from "./costs.ts";
import type { Bytes, Costs, Duration, Instant, Pages, ParameterValues } from "./engine/index.ts";
import type { Schedule } from "./explore/index.ts";
import type { AllocationSite, FileSpec, LaidDisk } from "./fs/index.ts";
import type { Invariant } from "./invariants.ts";
import type {
  AccessSource,
  InterleavedFileReads,
  MemCgroupLimits,
  ScriptLine,
  ZoneSpec,
} from "./mm/index.ts";
import type { Verdict } from "./result.ts";
import type { ReadaheadState, ZswapOptions } from "./swap/index.ts";

/**
 * A scenario: one machine, checked and with all defaults filled in. Plain data, except that the accesses of a task
 * come from a factory, because a recorded trace is too long to be a value.
 */
export interface Scenario {
  readonly name: string;
  readonly seed: string;
  readonly machine: MachineSpec;
  /** Memory cgroups under the root. */
  readonly groups?: readonly GroupSpec[];
  readonly storage: readonly DeviceSpec[];
  readonly filesystem: FilesystemSpec | undefined;
  readonly swap: readonly SwapSpec[];
  readonly strategies: readonly StrategyVariant[];
  readonly tasks: readonly TaskSpec[];
  /** Tasks without an end of their own run until then. */
  readonly duration: Duration;
  readonly timeline: readonly TimelineStep[];
  /** Expected verdict by variant name. */
  readonly expect: Readonly<Record<string, Verdict>>;
  /** Bounds of counters at the end, by name; for every variant. */
  readonly counters?: Readonly<Record<string, CounterBounds>>;
  /** Mechanisms of the model switched off on purpose, by toggle name; for tests and studies. */
  readonly faults: readonly string[];
  /** How the order of steps is explored; a timed run does not look at it. */
  readonly explore?: ExploreSpec;
  /** Set if the scenario is a case of the conformance suite. */
  readonly conformance?: ConformanceSpec;
  /** Set if the scenario is a real defect that a fix cures. */
  readonly bug?: BugSpec;
}

/** What a counter must come to; Infinity and 0 where nothing is said. */
export interface CounterBounds {
  readonly atLeast: number;
  readonly atMost: number;
}

/** What an explorer must know besides the machine. */
export interface ExploreSpec {
  /** Up to then the run is timed, from then on every order of steps is possible; left out: from the end of swapon at boot. */
  readonly from?: Instant;
  /** What the filesystem allocates may find memory used up, so that its task reclaims: one thing, or any. */
  readonly memoryShort?: AllocationSite | "any";
  /** Any allocation of kernel memory that can fail may. */
  readonly allocationsFail?: boolean;
  /** Requests to a device that may end with EIO. */
  readonly ioFails?: FailingRequests;
}

/** Where a conformance case comes from; the simulation does not look at it. */
export interface ConformanceSpec {
  readonly row: string;
  readonly source: string;
  readonly class: string;
  readonly given: string;
  readonly must: string;
  readonly ours: boolean;
}

/**
 * A real defect of a kernel and its fix, told by toggles. The simulation does not look at it: who runs the bug puts
 * `off` or `on` beside the faults of the scenario.
 */
export interface BugSpec {
  readonly id: string;
  /** What users saw, in a sentence. */
  readonly seen: string;
  /** Commits, reports or measurements it is known from, and the release of the fix. */
  readonly source: string;
  readonly evidence: string;
  /** What breaks with the fix off: all of them. */
  readonly invariants: readonly Invariant[];
  readonly fix: { readonly off: readonly string[]; readonly on: readonly string[] };
  readonly witness: BugWitness;
  /** The order of steps that shows it, of a bug that needs a race; left out: a timed run does. */
  readonly schedule?: Schedule;
}

/** What must be seen with the fix on: a valid use still works. */
export interface BugWitness {
  /** Pages that come back from swap, at the least. */
  readonly pagesBack: number;
  /** Steps of the timeline that answer ok. */
  readonly ok: readonly string[];
}

export interface MachineSpec {
  readonly memory: Bytes;
  readonly cpus: number;
  /** Name of a kernel profile. */
  readonly kernel: string;
  /** Name of a reclaim policy; left out: the one of the kernel. */
  readonly reclaim?: string;
  /** MGLRU finds young pages by walking page tables (bit 1 of lru_gen/enabled); left out: it does. */
  readonly walksPageTables?: boolean;
  /** lru_gen/min_ttl_ms; left out: 0, off. */
  readonly minTtl?: Duration;
  /** 0 .. 200 */
  readonly swappiness: number;
  /** log2 of the swap readahead window. */
  readonly pageCluster: number;
  /** /sys/kernel/mm/swap/vma_ra_enabled; left out: on. */
  readonly vmaReadahead?: boolean;
  /** What earlier programs left in the swap readahead's variables; left out: as after boot. */
  readonly readaheadState?: ReadaheadState;
  /** Distance between watermarks in 1/10000 of memory. */
  readonly watermarkScaleFactor: number;
  /** vm.min_free_kbytes, in bytes; left out: as the kernel computes it. */
  readonly minFree?: Bytes;
  /** Zones as a real machine has them; left out: one, with marks from memory and scale factor as the kernel computes them. */
  readonly zones?: readonly ZoneSpec[];
  /** Left out: zswap is off. */
  readonly zswap?: ZswapOptions;
  /** CPU times of another CPU than the desktop's; what is not named is as usual. */
  readonly costs?: Partial<Costs<CostName>>;
}

/** A memory cgroup v2 and its limits, in pages; Infinity for "max". */
export interface GroupSpec extends MemCgroupLimits {
  readonly name: string;
  /** Charged before the first access of its tasks, stock included (memory.current), and how much of it is stock. */
  readonly charged?: Pages;
  readonly stock?: Pages;
}

export interface DeviceSpec extends DeviceFaultRates {
  readonly name: string;
  /** Name of a device model, or of a kind of stacked device. */
  readonly model: string;
  /** What a stacked device lies over: a file of the filesystem or a device. */
  readonly over?: string;
  readonly size: Bytes;
  /** What the kernel is told in queue/rotational; left out: the truth. It does not change how fast the device is. */
  readonly rotational?: boolean;
  /** Limits the device to so many requests a second, as an administrator's I/O throttle does. */
  readonly requestsPerSecond?: number;
}

export interface FilesystemSpec {
  /** Name of a filesystem type. */
  readonly type: string;
  /** Names of devices, in order. */
  readonly devices: readonly string[];
  /** Options of the type, checked against its declaration (btrfs: data and metadata profile, commit interval). */
  readonly options: ParameterValues;
  readonly files: readonly FileSpec[];
  /** Chunks and files at their places, taken from a real filesystem; left out: a fresh one. */
  readonly layout?: LaidDisk;
}

export interface SwapSpec {
  /** A file of the filesystem or a device. */
  readonly target:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "device"; readonly device: string };
  /** Pages the header written by mkswap promises; left out: as large as the target. */
  readonly headerPages: number | undefined;
  readonly priority: number | undefined;
}

export interface StrategyVariant {
  /** Unique in a scenario: `direct-io` or `direct-io(file=cow)`. */
  readonly name: string;
  readonly strategy: string;
  readonly options: ParameterValues;
}

export type TaskSpec = MemoryTaskSpec | ScriptTaskSpec | WriterTaskSpec;

/** What the memory of a program is like. */
export interface TaskMemorySpec {
  /** Memory cgroup it runs in; left out: the root. */
  readonly group?: string | undefined;
  /** Bytes that its pages compress to, 0 if each holds one word again and again; left out: a third of a page. */
  readonly compressed?: Bytes | undefined;
  /** Name of the task, made before, whose memory it shares: it is a thread of that one. Left out: memory of its own. */
  readonly threadOf?: string | undefined;
  /** Name of the task, made before, that forks it: at its start it has a copy-on-write copy of that one's memory. */
  readonly forkOf?: string | undefined;
}

/** A program that touches memory. */
export interface MemoryTaskSpec extends TaskMemorySpec {
  readonly kind: "memory";
  readonly name: string;
  readonly start: Instant;
  /** CPU time per access. */
  readonly cpu: Duration;
  /** Writes all pages once, in order, before the pattern starts. */
  readonly init: boolean;
  /** Opens the accesses from their beginning; each run of the machine opens its own. */
  readonly open: () => AccessSource;
  /** How often the whole source is run; infinity until the scenario's duration is over. */
  readonly repeat: number;
  readonly fileReads: (InterleavedFileReads & { readonly path: string }) | undefined;
}

/** A program that does what a list says. */
export interface ScriptTaskSpec extends TaskMemorySpec {
  readonly kind: "script";
  readonly name: string;
  readonly start: Instant;
  /** Size of its memory. */
  readonly pages: Pages;
  readonly lines: readonly ScriptLine[];
}

/** A program that overwrites blocks of a file, so that freed blocks find new owners. */
export interface WriterTaskSpec {
  readonly kind: "writer";
  readonly name: string;
  readonly start: Instant;
  readonly path: string;
  /** Writes in all; infinity until the duration is over. */
  readonly writes: number;
  /** Blocks written at once, next to each other. */
  readonly blocksPerWrite: number;
  readonly pattern: "uniform" | "sequential";
  /** Writes per second at most. */
  readonly rate: number;
  /** Also reads the blocks back now and then: one read for so many writes; 0 for none. */
  readonly readEvery: number;
}

/** Something said about variants by name; `*` stands for all that are not named. */
export type ByVariant<Value> = Readonly<Record<string, Value>>;

/** What a step of the timeline may wait for: a gauge, or a counter of /proc/vmstat, against a limit. */
export interface Condition {
  /** A name of `QUANTITIES`, or of a vmstat counter. */
  readonly quantity: string;
  readonly relation: ">" | ">=" | "<" | "<=";
  /** Pages of a gauge, a share of it (0 .. 1), or a count. */
  readonly limit: number;
  readonly isShare: boolean;
}

/** What must be true when a step has ended. What is left out may be anything. */
export interface ExpectedState {
  /** Number of extents by file. */
  readonly extents?: Readonly<Record<string, number>>;
  /** Block groups of a file: those it had when the step began, others, or the one that starts there (bytes). */
  readonly blockGroup?: Readonly<Record<string, "same" | "moved" | number>>;
  /** Block groups, by their start in bytes, that are gone since the step began, and that the step left alone. */
  readonly moved?: readonly Bytes[];
  readonly skipped?: readonly Bytes[];
  /** Files that hold what they held when the step began. */
  readonly unchanged?: readonly string[];
  /** No file that was not there before, and nothing that a recount of the filesystem finds. */
  readonly leftovers?: "none";
}

export interface TimelineStep {
  readonly id: string;
  /** Not before this. */
  readonly at: Instant;
  /** Nor before these steps have ended. */
  readonly wait?: readonly string[];
  /** Nor before this holds. */
  readonly when?: Condition;
  /** Name of an operation. */
  readonly do: string;
  readonly args: ParameterValues;
  /** Allowed answers ("ok" or an errno). */
  readonly expect: ByVariant<readonly string[]>;
  /** Parts of kernel messages that must appear between the start and the end of the step. */
  readonly log?: ByVariant<readonly string[]>;
  readonly state?: ByVariant<ExpectedState>;
  /** Text that what the step achieved must contain. */
  readonly says?: string;
}
