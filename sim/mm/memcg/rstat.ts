import { type Counters, zeroCounters } from "../../engine/index.ts";

/** Statistics of a group whose readers see the values of the last flush (lruvec_page_state, 6.1). */
const ITEMS = [
  "inactive_anon",
  "active_anon",
  "inactive_file",
  "active_file",
  "workingset_activate_anon",
  "workingset_activate_file",
] as const;
export type StatItem = (typeof ITEMS)[number];
const ZEROES: Readonly<Counters<StatItem>> = zeroCounters(ITEMS);

/** A CPU's updates are folded into the threshold in portions of so many (MEMCG_CHARGE_BATCH, 6.1). */
const FOLD = 64;

/** One group's statistics, as they are and as they were at the last flush. */
export class GroupStats {
  readonly now: Counters<StatItem> = { ...ZEROES };
  readonly flushed: Counters<StatItem> = { ...ZEROES };

  flush(): void {
    for (const item of ITEMS) this.flushed[item] = this.now[item];
  }
}

/**
 * rstat of 6.1: statistics of memory cgroups lag behind, because a flush is only worth its price after enough updates.
 * Every update by v counts |v| on its CPU, all groups and items together; the simulator keeps one such counter.
 */
export class Rstat {
  readonly #cpus: number;
  readonly #isExact: boolean;
  readonly #groups: GroupStats[] = [];
  /** Updates not yet folded (stats_updates). */
  #unfolded = 0;
  /** Portions of 64 updates since the last flush (stats_flush_threshold). */
  #threshold = 0;

  /** `isExact`: readers see every change at once, as no kernel has it. */
  constructor(cpus: number, isExact = false) {
    this.#cpus = cpus;
    this.#isExact = isExact;
  }

  add(): GroupStats {
    const stats = new GroupStats();
    this.#groups.push(stats);
    return stats;
  }

  /** memcg_rstat_updated: so many single updates happened. */
  updated(updates: number): void {
    this.#unfolded += updates;
    if (this.#unfolded <= FOLD) return;
    if (this.#threshold <= this.#cpus) this.#threshold += Math.floor(this.#unfolded / FOLD);
    this.#unfolded = 0;
  }

  /** Changes one statistic of a group. */
  change(stats: GroupStats, item: StatItem, by: number): void {
    stats.now[item] += by;
    if (this.#isExact) stats.flushed[item] = stats.now[item];
    this.updated(by < 0 ? -by : by);
  }

  /** Enough has changed for mem_cgroup_flush_stats to do its work. */
  get flushIsDue(): boolean {
    return this.#threshold > this.#cpus;
  }

  flush(): void {
    for (const group of this.#groups) group.flush();
    this.#threshold = 0;
  }
}
