import type { Pages } from "../../../engine/index.ts";

/** Which lists one pass scans, and how much of them (enum scan_balance, get_scan_count, 6.1). */
export type ScanBalance = "file" | "anon" | "equal" | "fraction";

export interface BalanceInput {
  readonly swapFree: boolean;
  readonly swappiness: number;
  /** A group reclaims for its own limit; there swappiness 0 spares anonymous pages altogether. */
  readonly isGroup: boolean;
  readonly priority: number;
  /** Next to no file pages and too little free memory: anon must go (sc->file_is_tiny). */
  readonly fileIsTiny: boolean;
  /** Plenty of inactive file pages: anon is left alone (sc->cache_trim_mode). */
  readonly cacheTrimMode: boolean;
}

/** The tests of get_scan_count in their order. */
export function scanBalance(input: BalanceInput): ScanBalance {
  if (!input.swapFree) return "file";
  if (input.isGroup && input.swappiness === 0) return "file";
  if (input.priority === 0 && input.swappiness > 0) return "equal";
  if (input.fileIsTiny) return "anon";
  if (input.cacheTrimMode) return "file";
  return "fraction";
}

/** Weights of anon and file by swappiness and by what reclaiming each has cost lately. Whole numbers. */
export function scanWeights(
  anonCost: number,
  fileCost: number,
  swappiness: number,
): { readonly anon: number; readonly file: number } {
  const total = anonCost + fileCost;
  const anonTotal = total + anonCost;
  const fileTotal = total + fileCost;
  const sum = anonTotal + fileTotal;
  return {
    anon: Math.floor((swappiness * (sum + 1)) / (anonTotal + 1)),
    file: Math.floor(((200 - swappiness) * (sum + 1)) / (fileTotal + 1)),
  };
}

/** The inactive list may be shorter than the active one by this factor: 1 below 1 GiB, isqrt(10 * GiB) above. */
export function inactiveRatio(pages: Pages): number {
  const gigabytes = Math.floor(pages / 262_144);
  return gigabytes === 0 ? 1 : Math.floor(Math.sqrt(10 * gigabytes));
}

/** inactive_is_low, 6.1. */
export function inactiveIsLow(inactive: Pages, active: Pages): boolean {
  return inactive * inactiveRatio(inactive + active) < active;
}
