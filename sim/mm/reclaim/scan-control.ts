import type { Pages } from "../../engine/index.ts";

/** Priorities run from 12 (scan 1/4096 of a list) down; DEF_PRIORITY, 6.1. */
export const DEF_PRIORITY = 12;
/** Pages a direct reclaimer asks for, and the size of one batch (SWAP_CLUSTER_MAX, 6.1). */
export const SWAP_CLUSTER_MAX: Pages = 32;

export type Reclaimer = "kswapd" | "direct";

/** What one reclaim call wants and what it has reached (struct scan_control). */
export interface ScanControl {
  readonly reclaimer: Reclaimer;
  readonly target: Pages;
  priority: number;
  /** Pages looked at, locked ones left out; kswapd lowers its priority by it. */
  scanned: Pages;
  reclaimed: Pages;
  /** Active lists are shrunk although the inactive ones are long enough. */
  forceDeactivate: boolean;
  skippedDeactivate: boolean;
}

export function scanControl(reclaimer: Reclaimer, target: Pages): ScanControl {
  return {
    reclaimer,
    target,
    priority: DEF_PRIORITY,
    scanned: 0,
    reclaimed: 0,
    forceDeactivate: false,
    skippedDeactivate: false,
  };
}
