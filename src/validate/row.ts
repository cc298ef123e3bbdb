/*
 * One line of a file of measurements. What describes the machine and the workload is apart from what came out, so
 * that the simulation cannot peek.
 */

/** Whole-number readings by name: vmstat counters, gauges, fields of a block device's statistics. */
export type Readings = Readonly<Record<string, number>>;

/** A zone of the measured machine, in pages. */
export interface Zone {
  readonly zone: string;
  readonly free: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly managed: number;
}

/** How the measured machine was set up. */
export interface RowConfig {
  readonly mode: "cgroup" | "global";
  /** Bytes as text, or "max". */
  readonly memory_max?: string | null | undefined;
  readonly memory_high?: string | null | undefined;
  readonly swap_target: string;
  readonly backend: string;
  readonly rotational: 0 | 1;
  readonly page_cluster: number;
  readonly swappiness: number;
  readonly lru: "classic" | "mglru";
  readonly lru_gen_enabled: number;
  readonly vma_ra_enabled: number;
  readonly vma_readahead_stuck?: boolean | undefined;
  readonly zswap?:
    | { readonly compressor: string; readonly zpool: string; readonly max_pool_percent: number }
    | null
    | undefined;
  readonly smp: number;
  readonly io_throttle_iops?: number | null | undefined;
}

/** Parameters of one measured program, under the names it gives them. */
export interface Workload {
  readonly pat: "seq" | "uniform" | "zipf" | "hotcold" | "phase" | "stride" | "pingpong" | "file";
  /** Pages of its arena. */
  readonly n: number;
  /** Accesses of the run phase. */
  readonly m: number;
  /** Share of writes. */
  readonly w: number;
  readonly seed: number;
  /** Whether it writes its whole arena before the run. */
  readonly init: 0 | 1;
  readonly fill: number;
  readonly perm: 0 | 1;
  readonly alpha: number;
  readonly h: number;
  readonly p: number;
  readonly W: number;
  readonly K: number;
  readonly S: number;
  readonly F: number;
  readonly fp?: number | undefined;
  readonly fmode: 0 | 1;
  readonly file?: string | undefined;
}

/** Everything a simulation may know of a row. `id` is a label. */
export interface RowInputs {
  readonly id: string;
  readonly boot: string;
  readonly kernel: string;
  readonly config: RowConfig;
  readonly workload: readonly Workload[];
  readonly MemTotal_kb: number;
  readonly wl_locked_pages: readonly number[];
  readonly swapon_dmesg: string;
  /** Gauges before the first access: the state from which the programs start. */
  readonly T0: {
    readonly vm: Readings;
    readonly zones: readonly Zone[];
    readonly memory_current?: number | undefined;
    readonly cg?: Readings | undefined;
    readonly swaps?: string | undefined;
  };
}

/** What one phase changed; a phase may have been left out. */
export type PhaseOutcome =
  | {
      readonly vmstat?: Readings | undefined;
      readonly blk?: Readonly<Record<string, Readings>> | undefined;
    }
  | null
  | undefined;

type ProgramReport = Readonly<Record<string, unknown>> | null;

/** What came out of one measurement. */
export interface Outcomes {
  readonly init?: PhaseOutcome;
  readonly run?: PhaseOutcome;
  readonly verify?: PhaseOutcome;
  readonly wl_result?: readonly ProgramReport[] | null | undefined;
  readonly wl_verify?: readonly ProgramReport[] | null | undefined;
}
