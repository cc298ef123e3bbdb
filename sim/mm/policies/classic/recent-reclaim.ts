import type { Pages } from "../../../engine/index.ts";

/**
 * How reclaim has fared lately with one type of pages (struct zone_reclaim_stat, until 5.8): how many were looked at, and how many
 * of them were in use. Both are halved before the next count once more than a quarter of the lists was looked at.
 */
export class RecentReclaim {
  scanned: Pages = 0;
  rotated: Pages = 0;

  note(scanned: Pages, rotated: Pages): void {
    this.scanned += scanned;
    this.rotated += rotated;
  }

  /** get_scan_count, before the weights; `size` is the length of both lists of the type. */
  age(size: Pages): void {
    if (this.scanned <= Math.floor(size / 4)) return;
    this.scanned = Math.floor(this.scanned / 2);
    this.rotated = Math.floor(this.rotated / 2);
  }
}

/** Weights of anon and file by swappiness and by how many pages of each were found in use. Whole numbers. */
export function rotationWeights(
  anon: RecentReclaim,
  file: RecentReclaim,
  swappiness: number,
): { readonly anon: number; readonly file: number } {
  return {
    anon: Math.floor((swappiness * (anon.scanned + 1)) / (anon.rotated + 1)),
    file: Math.floor(((200 - swappiness) * (file.scanned + 1)) / (file.rotated + 1)),
  };
}
