import type { Invariant } from "./invariants.ts";
import type { Machine } from "./machine.ts";

/** A promise that the simulated kernel's own books show to be broken: a result, and no defect of the model. */
export interface Breach {
  readonly invariant: Invariant;
  readonly what: string;
}

/** Recounts what the simulated kernel keeps about its swap areas; contents are the oracle's. */
export function breachesOf(machine: Machine): readonly Breach[] {
  return [...rotationalCount(machine), ...slotsInUse(machine)];
}

/** nr_rotate_swap against the areas that are there. */
function* rotationalCount({ swap }: Machine): Iterable<Breach> {
  const found = swap.areas.filter(({ solidState }) => !solidState).length;
  if (found === swap.rotationalAreas) return;
  const what = `${swap.rotationalAreas} rotational areas are counted and ${found} are active, so readahead by address stays off`;
  yield { invariant: "I6", what };
}

/** Slots that can be given out against those that header and mapping both cover, less the header page. */
function* slotsInUse({ swap }: Machine): Iterable<Breach> {
  for (const { name, map, slots, promised } of swap.areas) {
    const covered = Math.max(0, Math.min(slots, promised) - 1);
    if (map.usable === covered) continue;
    const what = `${map.usable} slots of ${name} may be used, and its header and mapping both cover ${covered}`;
    yield { invariant: "I7", what };
  }
}
