import { ANON, FILE, type PageType } from "./generations.ts";

/** Tiers of a generation (MAX_NR_TIERS, 6.1). */
export const MAX_NR_TIERS = 4;
/** Refaults below which a tier is not judged, and the correction added to a denominator (MIN_LRU_BATCH, 6.1). */
const MIN_LRU_BATCH = 64;

/** Tier of a page by its number of references beyond two: 0; 1; 2 and 3; 4. */
export function tierOf(refs: number): number {
  let tier = 0;
  while (1 << tier < refs + 1) tier++;
  return tier;
}

/** Refaulted and evicted pages of a tier, weighted by a gain. */
interface ControlPosition {
  readonly refaulted: number;
  readonly total: number;
  readonly gain: number;
}

/** Whether `actual` refaults no more than `set` does, gains considered (positive_ctrl_err). */
function isNoWorse(set: ControlPosition, actual: ControlPosition): boolean {
  return (
    actual.refaulted < MIN_LRU_BATCH ||
    actual.refaulted * (set.total + MIN_LRU_BATCH) * set.gain <=
      (set.refaulted + 1) * actual.total * actual.gain
  );
}

class TierCounters {
  readonly averageRefaulted: number[] = Array(MAX_NR_TIERS).fill(0);
  readonly averageTotal: number[] = Array(MAX_NR_TIERS).fill(0);
  readonly evicted: number[] = Array(MAX_NR_TIERS).fill(0);
  readonly refaulted: number[] = Array(MAX_NR_TIERS).fill(0);
  readonly protected: number[] = Array(MAX_NR_TIERS).fill(0);

  position(tier: number, gain: number): ControlPosition {
    return {
      refaulted: this.averageRefaulted[tier]! + this.refaulted[tier]!,
      total: this.averageTotal[tier]! + this.#present(tier),
      gain,
    };
  }

  /** reset_ctrl_pos: the present counts become half of the averages. */
  carryOver(): void {
    for (let tier = 0; tier < MAX_NR_TIERS; tier++) {
      this.averageRefaulted[tier] = Math.floor((this.averageRefaulted[tier]! + this.refaulted[tier]!) / 2);
      this.averageTotal[tier] = Math.floor((this.averageTotal[tier]! + this.#present(tier)) / 2);
      this.refaulted[tier] = 0;
      this.evicted[tier] = 0;
      this.protected[tier] = 0;
    }
  }

  #present(tier: number): number {
    return this.evicted[tier]! + (tier > 0 ? this.protected[tier]! : 0);
  }
}

/**
 * The feedback loop of MGLRU (struct ctrl_pos): which type goes, and which tiers of it are spared, by how often evicted
 * pages came back.
 */
export class TierControl {
  readonly #types: readonly [TierCounters, TierCounters] = [new TierCounters(), new TierCounters()];

  evicted(type: PageType, refs: number): void {
    this.#types[type].evicted[tierOf(refs)]!++;
  }

  refaulted(type: PageType, refs: number): void {
    this.#types[type].refaulted[tierOf(refs)]!++;
  }

  /** A page of the oldest generation was spared for its tier. */
  protected(type: PageType, tier: number): void {
    this.#types[type].protected[tier]!++;
  }

  /** The oldest generation of the type is gone. */
  carryOver(type: PageType): void {
    this.#types[type].carryOver();
  }

  /** get_tier_idx: the highest tier of a type that may go, compared with the type's own tier 0 at gains 1 : 2. */
  ownTier(type: PageType): number {
    const set = this.#types[type].position(0, 1);
    let tier = 1;
    while (tier < MAX_NR_TIERS && isNoWorse(set, this.#types[type].position(tier, 2))) tier++;
    return tier - 1;
  }

  /** get_type_to_scan: file, unless it refaults more than anon does; and the tiers of that type that may go. */
  typeAndTier(swappiness: number): { readonly type: PageType; readonly tier: number } {
    const gain = [swappiness, 200 - swappiness] as const;
    const fileIsNoWorse = isNoWorse(
      this.#types[ANON].position(0, gain[ANON]),
      this.#types[FILE].position(0, gain[FILE]),
    );
    const type = fileIsNoWorse ? FILE : ANON;
    const other = fileIsNoWorse ? ANON : FILE;
    const set = this.#types[other].position(0, gain[other]);
    let tier = 1;
    while (tier < MAX_NR_TIERS && isNoWorse(set, this.#types[type].position(tier, gain[type]))) tier++;
    return { type, tier: tier - 1 };
  }
}
