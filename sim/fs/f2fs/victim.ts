import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/** Sections that a search in the background looks at (DEF_MAX_VICTIM_SEARCH). */
const SEARCH_MAX = 4096;
/** Worse than any cost. */
const COST_MAX = 0xffff_ffff;

/**
 * The section to collect next (get_victim_by_default): in the foreground the one with fewest blocks, in the background
 * the one that is old and empty enough; undefined if there is none. A section that is full is never one.
 */
export function selectVictim(volume: Volume, foreground: boolean): number | undefined {
  const { gc, segments } = volume;
  if (foreground) {
    for (const section of gc.begun) {
      if (isInUse(volume, section) || !isDirty(volume, section)) continue;
      gc.begun.delete(section);
      return section;
    }
  }
  const cost = foreground ? greedyCost : costBenefit(volume);
  let best: number | undefined;
  let least = foreground ? 2 * BLOCKS_PER_SECTION : COST_MAX;
  let looked = 0;
  for (let step = 0; step < segments.sections; step++) {
    const section = ((foreground ? 0 : gc.last) + step) % segments.sections;
    if (!isDirty(volume, section)) continue;
    looked++;
    if (!isInUse(volume, section) && !isSpared(volume, section, foreground)) {
      const price = cost(volume, section);
      if (price < least) {
        least = price;
        best = section;
      }
    }
    if (!foreground && looked === SEARCH_MAX) {
      gc.last = (section + 1) % segments.sections;
      break;
    }
  }
  if (best !== undefined && !foreground) gc.begun.add(best);
  return best;
}

/** It has blocks, and could have more (DIRTY_I). */
function isDirty({ segments }: Volume, section: number): boolean {
  const valid = segments.validIn(section);
  return valid > 0 && valid < BLOCKS_PER_SECTION;
}

/** sec_usage_check: a log is in it, or it is being collected. */
function isInUse({ gc, logs }: Volume, section: number): boolean {
  return gc.victim === section || logs.holds(section);
}

function isSpared({ gc }: Volume, section: number, foreground: boolean): boolean {
  return foreground ? gc.skipsPinned && gc.pinned.has(section) : gc.begun.has(section);
}

function greedyCost({ segments }: Volume, section: number): number {
  return segments.validIn(section);
}

/** get_cb_cost: what is saved by age, for what has to be moved. */
function costBenefit({ segments }: Volume): (volume: Volume, section: number) => number {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = 0;
  for (let section = 0; section < segments.sections; section++) {
    if (segments.validIn(section) === 0) continue;
    oldest = Math.min(oldest, segments.mtimeOf(section));
    newest = Math.max(newest, segments.mtimeOf(section));
  }
  return (_volume, section) => {
    const used = Math.floor((segments.validIn(section) * 100) / BLOCKS_PER_SECTION);
    const since = segments.mtimeOf(section) - oldest;
    const age = newest === oldest ? 0 : 100 - Math.floor((100 * since) / (newest - oldest));
    return COST_MAX - Math.floor((100 * (100 - used) * age) / (100 + used));
  };
}
