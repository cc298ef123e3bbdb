import type { MemoryManager } from "../mm/index.ts";
import { NO_FRAME, PG } from "../mm/index.ts";
import { SLOT_BAD, type SwapArea, type SwapSpace } from "../swap/index.ts";
import { countSwapReferences } from "./memory.ts";

/** Recounts slots against page tables and swap cache; each sentence is a broken invariant. */
export function checkSwap(mm: MemoryManager, swap: SwapSpace): readonly string[] {
  const references = countSwapReferences(mm);
  const broken = swap.areas.flatMap((area) => checkArea(mm, area, references));
  // What is being switched off gives nothing out any more.
  const open = swap.areas.filter((area) => area.writeOk);
  const free = open.reduce((sum, area) => sum + area.map.usable - area.map.inuse, 0);
  if (free !== swap.free) broken.push(`${free} slots are free in the maps, the counter says ${swap.free}`);
  return broken;
}

function checkArea(mm: MemoryManager, area: SwapArea, references: ReadonlyMap<number, number>): string[] {
  const broken: string[] = [];
  let inuse = 0;
  for (let slot = 1; slot < area.slots; slot++) {
    if (!area.map.isFree(slot)) inuse++;
    const counted = references.get(area.base + slot) ?? 0;
    const noted = area.map.count(slot);
    if (counted !== noted && noted !== SLOT_BAD) {
      broken.push(`slot ${slot} of ${area.name} has ${counted} references, its map byte says ${noted}`);
    }
    const frame = area.cachedFrame(slot);
    if (frame === NO_FRAME) continue;
    if (!mm.frames.has(frame, PG.SwapCache) || mm.frames.entry[frame] !== area.base + slot) {
      broken.push(
        `slot ${slot} of ${area.name} is cached in frame ${frame}, which stands for something else`,
      );
    }
  }
  if (inuse !== area.map.inuse)
    broken.push(`${area.name} has ${inuse} slots in use and counts ${area.map.inuse}`);
  return broken;
}
