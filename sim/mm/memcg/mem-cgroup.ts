import { type Counters, type Pages, zeroCounters } from "../../engine/index.ts";
import type { ReclaimPolicy } from "../policies/reclaim-policy.ts";
import type { GroupStats } from "./rstat.ts";

/** Limits of a memory cgroup v2, in pages; Infinity stands for "max". */
export interface MemCgroupLimits {
  /** memory.min: never reclaimed below it. */
  readonly min: Pages;
  /** memory.low: reclaimed below it only if nothing else can be. */
  readonly low: Pages;
  /** memory.high: above it the group is slowed down and reclaimed from. */
  readonly high: Pages;
  /** memory.max: above it allocations reclaim or fail. */
  readonly max: Pages;
  readonly swapHigh: Pages;
  readonly swapMax: Pages;
}

export const NO_LIMITS: MemCgroupLimits = {
  min: 0,
  low: 0,
  high: Number.POSITIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  swapHigh: Number.POSITIVE_INFINITY,
  swapMax: Number.POSITIVE_INFINITY,
};

/** memory.events and what of memory.stat is counted per group. */
const EVENTS = ["low", "high", "max", "oom", "oom_kill"] as const;
const COUNTED = [
  "pgfault",
  "pgmajfault",
  "pgscan",
  "pgsteal",
  "pgrefill",
  "pgactivate",
  "pgdeactivate",
] as const;
type Events = Counters<(typeof EVENTS)[number]>;
type Counted = Counters<(typeof COUNTED)[number]>;
const NO_EVENTS: Readonly<Events> = zeroCounters(EVENTS);
const NOTHING_COUNTED: Readonly<Counted> = zeroCounters(COUNTED);

/**
 * A memory cgroup: what is charged to it, its limits, and its own LRU. The machine itself is the root group, which
 * has no limits and is charged nothing.
 */
export class MemCgroup {
  readonly id: number;
  readonly name: string;
  limits: MemCgroupLimits;
  readonly stats: GroupStats;
  /** memory.current: pages charged, the stock included. */
  usage: Pages = 0;
  /** Charged in advance, per CPU in the kernel (memcg_stock). */
  stock: Pages = 0;
  /** Bytes left of a page charged for small objects (obj_stock). */
  objectBytes = 0;
  /** memory.swap.current. */
  swapUsage: Pages = 0;
  /** Pages by which charges went over memory.high and that its tasks still have to reclaim (memcg_nr_pages_over_high). */
  overHigh: Pages = 0;
  readonly events: Events = { ...NO_EVENTS };
  readonly counted: Counted = { ...NOTHING_COUNTED };
  #lruvec: ReclaimPolicy | undefined;

  constructor(id: number, name: string, limits: MemCgroupLimits, stats: GroupStats) {
    this.id = id;
    this.name = name;
    this.limits = limits;
    this.stats = stats;
  }

  /** Its pages, in the order in which they go. */
  get lruvec(): ReclaimPolicy {
    return this.#lruvec!;
  }

  set lruvec(lruvec: ReclaimPolicy) {
    this.#lruvec = lruvec;
  }

  get isRoot(): boolean {
    return this.id === 0;
  }

  /** mem_cgroup_swap_full: half of the allowed swap is used, so slots are given up early. */
  get swapIsFull(): boolean {
    const { swapHigh, swapMax } = this.limits;
    return this.swapUsage * 2 >= Math.min(swapHigh, swapMax);
  }

  /** Slots it may still take. */
  get swapLeft(): Pages {
    return Math.max(0, this.limits.swapMax - this.swapUsage);
  }
}
