import { PAGE_SIZE } from "../../sim/index.ts";
import type { RowInputs, Workload, Zone } from "./row.ts";

/** What a row asks for: the machine on which it was measured, in words that no simulator is needed for. */
export interface MeasuredMachine {
  readonly kernel: string;
  readonly cpus: number;
  /** Pages that the kernel manages (MemTotal). */
  readonly managed: number;
  /** Pages free when the programs stand ready and hold their locked tables. */
  readonly free: number;
  /** Locked by the programs; already missing in `free`. */
  readonly locked: number;
  readonly zones: readonly Zone[];
  readonly lru: "classic" | "mglru";
  /** Bits of /sys/kernel/mm/lru_gen/enabled; 0 for the classic LRU. */
  readonly lruGenBits: number;
  readonly swappiness: number;
  readonly pageCluster: number;
  /** Readahead goes by virtual address; otherwise by slot. */
  readonly vmaReadahead: boolean;
  readonly swap: MeasuredSwap;
  readonly zswap: MeasuredZswap | undefined;
  /** Requests a second at most, if the disk was slowed down. */
  readonly requestsPerSecond: number | undefined;
  readonly group: MeasuredGroup | undefined;
  readonly workload: readonly Workload[];
  /** Mechanisms that are left out, by toggle name: nothing a row says, but what somebody wants to know of it. */
  readonly without: readonly string[];
}

export type SwapBackend = "partition" | "ext4" | "btrfs" | "nfs" | "zram" | "unknown";

export interface MeasuredSwap {
  readonly backend: SwapBackend;
  /** As the row names it. */
  readonly described: string;
  readonly target: string;
  /** Size with the header page. */
  readonly pages: number;
  readonly extents: number;
  /** The kernel took it for solid state: slots go by clusters. */
  readonly solidState: boolean;
  /** queue/rotational of its disk. */
  readonly rotational: boolean;
}

/** A compressed pool in front of the swap area. */
export interface MeasuredZswap {
  readonly compressor: string;
  readonly zpool: string;
  /** Largest size of the pool in percent of memory. */
  readonly maxPoolPercent: number;
}

/** Limits of the memory cgroup of the programs, in pages; Infinity for none. */
export interface MeasuredGroup {
  readonly max: number;
  readonly high: number;
  /** Charged to it before the first access, and how much of that has an owner (the rest is stock). */
  readonly charged: number;
  readonly accounted: number;
}

/** The line of the kernel log about a new swap area: `Adding 1048572k swap on /dev/vda.  … extents:1 … SSFS`. */
const SWAPON = /Adding (\d+)k swap on .*extents:(\d+) across:\d+k\s*(\S*)/;

/** Reads a row's machine. A string says what about the row makes no sense. */
export function measuredMachine(inputs: RowInputs): MeasuredMachine | string {
  const { config, T0 } = inputs;
  const swap = swapOf(inputs);
  if (swap === undefined) return `swapon_dmesg: found "${inputs.swapon_dmesg}", expected a line of swapon`;
  const free = T0.vm["nr_free_pages"];
  if (free === undefined) return "T0.vm.nr_free_pages: found nothing, expected the free pages";
  if (config.mode === "cgroup" && T0.memory_current === undefined) {
    return "T0.memory_current: found nothing, expected the usage of the cgroup";
  }
  return {
    kernel: inputs.kernel,
    cpus: config.smp,
    managed: Math.floor(inputs.MemTotal_kb / 4),
    free,
    locked: inputs.wl_locked_pages.reduce((sum, pages) => sum + pages, 0),
    zones: T0.zones,
    lru: config.lru,
    lruGenBits: config.lru_gen_enabled,
    swappiness: config.swappiness,
    pageCluster: config.page_cluster,
    vmaReadahead: readsAheadByAddress(inputs, swap),
    swap,
    zswap: zswapOf(inputs),
    requestsPerSecond: config.io_throttle_iops ?? undefined,
    group: config.mode === "cgroup" ? groupOf(inputs) : undefined,
    workload: inputs.workload,
    without: [],
  };
}

/**
 * swap_use_vma_readahead of 6.1: on, and no rotational area. The count of those stays up after a btrfs swap file of
 * an SSD is gone (KB-37); the row says so.
 */
function readsAheadByAddress({ config }: RowInputs, { solidState }: MeasuredSwap): boolean {
  return config.vma_ra_enabled !== 0 && solidState && config.vma_readahead_stuck !== true;
}

function swapOf({ config, swapon_dmesg }: RowInputs): MeasuredSwap | undefined {
  const match = SWAPON.exec(swapon_dmesg);
  if (!match) return undefined;
  const backend = backendOf(config.backend);
  return {
    backend,
    described: config.backend,
    target: config.swap_target,
    pages: Math.floor(Number(match[1]) / 4) + 1,
    extents: Number(match[2]),
    solidState: match[3]!.startsWith("SS"),
    rotational: config.rotational === 1,
  };
}

function backendOf(described: string): SwapBackend {
  const kinds: readonly (readonly [RegExp, SwapBackend])[] = [
    [/^partition/, "partition"],
    [/^ext4/, "ext4"],
    [/^btrfs/, "btrfs"],
    [/^NFS/, "nfs"],
    [/^zram/, "zram"],
  ];
  return kinds.find(([pattern]) => pattern.test(described))?.[1] ?? "unknown";
}

function zswapOf({ config }: RowInputs): MeasuredZswap | undefined {
  if (!config.zswap) return undefined;
  const { compressor, zpool, max_pool_percent } = config.zswap;
  return { compressor, zpool, maxPoolPercent: max_pool_percent };
}

function groupOf({ config, T0 }: RowInputs): MeasuredGroup {
  const pages = (bytes: number): number => Math.floor(bytes / PAGE_SIZE);
  const limit = (text: string | null | undefined): number =>
    text == null || text === "max" ? Number.POSITIVE_INFINITY : pages(Number(text));
  const { anon = 0, file = 0, kernel = 0 } = T0.cg ?? {};
  return {
    max: limit(config.memory_max),
    high: limit(config.memory_high),
    charged: pages(T0.memory_current ?? 0),
    accounted: pages(anon + file + kernel),
  };
}
