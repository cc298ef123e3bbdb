import type { Verdict } from "../../sim/index.ts";

/** Bytes: `"256MiB"`, `"1.5GiB"`, or a number. */
export type Size = number | `${number}${"B" | "KiB" | "MiB" | "GiB" | "TiB"}`;
/** `"90s"`, `"4us"`, or 0. */
export type TimeSpan = 0 | `${number}${"ns" | "us" | "ms" | "s" | "min" | "h"}`;
/** `"500/s"` */
export type Rate = `${number}/s`;
/** `ok`, an errno such as `ETXTBSY`, or several of which one must come. */
export type Answer = string | readonly string[];
/** A parameter of a registered thing: its declaration (`pagestorm list`) says which of these it takes. */
export type Parameter = string | number | boolean;

/**
 * A scenario as its file has it, for programs that make scenarios. The names that it mentions (models, patterns,
 * operations, strategies) are those of `pagestorm list`; they are checked when the scenario is read.
 */
export interface ScenarioFile {
  readonly name: string;
  readonly seed?: string | number;
  readonly machine: MachineSection;
  /** Memory cgroups by name. */
  readonly cgroups?: Readonly<Record<string, CgroupSection>>;
  readonly storage: Readonly<Record<string, DeviceSection>>;
  readonly filesystem?: FilesystemSection;
  /** May be left out where a timeline switches swap on. */
  readonly swap?: readonly SwapSection[];
  readonly strategies: readonly StrategyEntry[];
  /** May be left out where there is a timeline. */
  readonly tasks?: Readonly<Record<string, TaskSection>>;
  readonly duration: TimeSpan;
  readonly timeline?: readonly StepSection[];
  /** The expected verdict by the name of the strategy variant: `pinned`, `direct-io(file=cow)`. */
  readonly expect?: Readonly<Record<string, Verdict>>;
  /** Bounds of counters at the end, for every variant. */
  readonly counters?: Readonly<Record<string, { readonly atLeast?: number; readonly atMost?: number }>>;
  /** What a case of the conformance suite says about itself. */
  readonly conformance?: ConformanceSection;
  /** What a known bug says about itself. */
  readonly bug?: BugSection;
  /** How `pagestorm explore` goes about it; a timed run does not look at it. */
  readonly explore?: ExploreSection;
  /** CPU times of single steps instead of the usual ones (pagestorm list costs). */
  readonly costs?: Readonly<Record<string, TimeSpan>>;
  /** Mechanisms to break on purpose. */
  readonly faults?: readonly string[];
}

export interface ConformanceSection {
  readonly row: string;
  readonly source: string;
  readonly class: string;
  readonly given: string;
  readonly must: string;
  readonly ours?: boolean;
}

export interface ExploreSection {
  readonly from?: TimeSpan;
  readonly allocationsFail?: boolean;
  readonly memoryShort?: string;
  readonly ioFails?: string;
}

export interface BugSection {
  readonly id: string;
  readonly seen: string;
  readonly source: string;
  readonly evidence: string;
  readonly invariant: string | readonly string[];
  readonly fix: { readonly off?: readonly string[]; readonly on?: readonly string[] };
  readonly witness: { readonly pagesBack?: number; readonly ok?: readonly string[] };
  /** The order of steps that shows it, of a bug that no timed run shows. */
  readonly schedule?: readonly { readonly run: string; readonly until?: string }[];
}

export interface MachineSection {
  readonly memory: Size;
  readonly cpus?: number;
  readonly kernel?: string;
  readonly reclaim?: string;
  readonly swappiness?: number;
  readonly minTtl?: TimeSpan;
  readonly pageCluster?: number;
  readonly vmaReadahead?: boolean;
  readonly watermarkScaleFactor?: number;
  readonly minFree?: Size;
  readonly zswap?: { readonly zpool?: string; readonly maxPoolPercent?: number };
}

/** Limits of a memory cgroup; left out: none. */
export interface CgroupSection {
  readonly memoryMax?: Size;
  readonly memoryHigh?: Size;
  readonly memoryLow?: Size;
  readonly memoryMin?: Size;
  readonly swapMax?: Size;
  readonly swapHigh?: Size;
}

export type DeviceSection = PlainDeviceSection | StackedDeviceSection;

/** A device over something else: a file of the filesystem for `loop`, another device for `dm-crypt`. */
export interface StackedDeviceSection {
  readonly model: string;
  readonly over: string;
}

export interface PlainDeviceSection {
  readonly model: string;
  readonly size: Size;
  readonly rotational?: boolean;
  readonly requestsPerSecond?: number;
  /** Shares of requests, 0 to 1: that fail, and that take `spikeTime` longer. */
  readonly readErrors?: number;
  readonly writeErrors?: number;
  readonly spikes?: number;
  readonly tornWrites?: number;
  readonly spikeTime?: TimeSpan;
}

/** Options of the type stand beside the keys that every type has. */
export interface FilesystemSection {
  readonly type: string;
  readonly devices: readonly string[];
  readonly files?: Readonly<Record<string, FileSection>>;
  readonly [option: string]:
    | Parameter
    | readonly string[]
    | Readonly<Record<string, FileSection>>
    | undefined;
}

export interface FileSection {
  readonly size: Size;
  readonly nocow?: boolean;
  readonly preallocated?: boolean;
  readonly extents?: number;
}

/** A swap area, in a file or on a device of its own. */
export type SwapSection = ({ readonly path: string } | { readonly device: string }) & {
  readonly pages?: number;
  readonly priority?: number;
};

/** A name, or a map of one name to its options. */
export type StrategyEntry = string | Readonly<Record<string, Readonly<Record<string, Parameter>>>>;

export type TaskSection = PatternTask | TraceTask | ScriptTask | WriterTask;

/** Touches memory as a pattern says; the parameters of the pattern stand beside these. */
export interface PatternTask extends MemoryTaskFields {
  readonly pattern: string;
  readonly pages: number;
  /** The file that a pattern reads in between. */
  readonly reads?: string;
  readonly [parameter: string]: Parameter | undefined;
}

/** Replays a recorded program. */
export interface TraceTask extends MemoryTaskFields {
  readonly trace: string;
}

/** Does what a list says: `store 0`, `load 0-3`, `pageout 0`, `sleep 5ms`. */
export interface ScriptTask
  extends Pick<MemoryTaskFields, "start" | "cgroup" | "compressed" | "threadOf" | "forkOf"> {
  readonly script: readonly string[];
}

export interface MemoryTaskFields {
  readonly start?: TimeSpan;
  readonly cpu?: TimeSpan;
  readonly init?: boolean;
  readonly cgroup?: string;
  readonly compressed?: number;
  /** Task further up whose memory it shares. */
  readonly threadOf?: string;
  /** Task further up that forks it at its start. */
  readonly forkOf?: string;
  readonly repeat?: number | "forever";
}

/** Overwrites blocks of a file. */
export interface WriterTask {
  /** The path of the file. */
  readonly writes: string;
  readonly rate: Rate;
  readonly start?: TimeSpan;
  readonly blocks?: number;
  readonly pattern?: "uniform" | "sequential";
  readonly size?: Size;
  readonly readEvery?: number;
}

/** An operation and when it begins; its arguments stand beside these. */
export interface StepSection {
  /** Left out, with neither after nor when: when the step before has ended. */
  readonly at?: TimeSpan;
  readonly do: string;
  readonly id?: string;
  readonly expect?: Answer | Readonly<Record<string, Answer>>;
  readonly [argument: string]: Parameter | Answer | Readonly<Record<string, Answer | Parameter>> | undefined;
}
