import type { Pages } from "../../engine/index.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";

/** Priorities run from 12 (scan 1/4096 of a list) down; DEF_PRIORITY, 6.1. */
export const DEF_PRIORITY = 12;
/** Pages a direct reclaimer asks for, and the size of one batch (SWAP_CLUSTER_MAX, 6.1). */
export const SWAP_CLUSTER_MAX: Pages = 32;

export type Reclaimer = "kswapd" | "direct";

/** What one reclaim call wants and what it has reached (struct scan_control). */
export interface ScanControl {
  readonly reclaimer: Reclaimer;
  /** The group that reclaims for its limit; undefined for the whole machine. */
  readonly group: MemCgroup | undefined;
  /** The machine is short of memory, not a group (cgroup_reclaim, negated). */
  readonly isGlobal: boolean;
  /** Highest zone that is short; pages of higher ones are passed over (reclaim_idx). */
  reclaimIndex: number;
  /** Pages one pass is to free. */
  target: Pages;
  priority: number;
  /** Pages looked at, locked ones left out; kswapd lowers its priority by it. */
  scanned: Pages;
  reclaimed: Pages;
  /** `reclaimed` when the last aging by kswapd was asked for. */
  reclaimedAtAging: Pages;
  /** Pages of the node are to be aged before the next pass (memcgs_need_aging). */
  needsAging: boolean;
  /** Page tables are being walked or were, so that what is found young there need not be counted (walk, lru_gen). */
  walksPageTables: boolean;
  maySwap: boolean;
  /** The allocation lets reclaim enter a filesystem (__GFP_FS). */
  mayEnterFilesystem: boolean;
  /** The allocation lets reclaim start I/O, and wait for it (__GFP_IO). */
  mayDoIo: boolean;
  /** Active lists are shrunk although the inactive ones are long enough. */
  forceDeactivate: boolean;
  skippedDeactivate: boolean;
  /** memory.low holds no longer, because nothing else was left. */
  ignoreLow: boolean;
  skippedLow: boolean;
}

export function scanControl(reclaimer: Reclaimer, target: Pages, group?: MemCgroup): ScanControl {
  return {
    reclaimer,
    group,
    isGlobal: group === undefined,
    reclaimIndex: Number.POSITIVE_INFINITY,
    target,
    priority: DEF_PRIORITY,
    scanned: 0,
    reclaimed: 0,
    reclaimedAtAging: 0,
    needsAging: false,
    walksPageTables: false,
    maySwap: true,
    mayEnterFilesystem: true,
    mayDoIo: true,
    forceDeactivate: false,
    skippedDeactivate: false,
    ignoreLow: false,
    skippedLow: false,
  };
}
