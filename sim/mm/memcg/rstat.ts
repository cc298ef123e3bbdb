/**
 * Statistics of a group whose readers see the values of the last flush (lruvec_page_state, 6.1). The first four are the
 * sizes of the LRU lists, in their order.
 */
export const Stat = {
  inactive_anon: 0,
  active_anon: 1,
  inactive_file: 2,
  active_file: 3,
  workingset_activate_anon: 4,
  workingset_activate_file: 5,
} as const;
const STATS = Object.keys(Stat).length;

/** A CPU's updates are folded into the threshold in portions of so many (MEMCG_CHARGE_BATCH, 6.1). */
const FOLD = 64;

/** One group's statistics by `Stat`, as they are and as they were at the last flush. */
export class GroupStats {
  readonly now: Float64Array = new Float64Array(STATS);
  readonly flushed: Float64Array = new Float64Array(STATS);

  flush(): void {
    this.flushed.set(this.now);
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
  change(stats: GroupStats, stat: number, by: number): void {
    stats.now[stat]! += by;
    if (this.#isExact) stats.flushed[stat] = stats.now[stat]!;
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
