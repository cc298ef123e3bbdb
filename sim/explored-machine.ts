import { AREA_TABLES, type Engine, MEMORY_LISTS } from "./engine/index.ts";
import type { Machine } from "./machine.ts";
import type { MemoryManager } from "./mm/index.ts";
import type { SwapSpace } from "./swap/index.ts";

/** What an explorer decides about a machine besides who steps next, and what it must be told of the steps. */

/** Whether an allocation fails; only an explorer lets one, if the scenario says that any may. */
export function allocationFails({ engine, scenario: { explore } }: Machine): boolean {
  if (!engine.exploring || explore?.allocationsFail !== true) return false;
  return engine.choose("does this allocation fail", 2) === 1;
}

/** Whether the filesystem finds memory used up at `site`; only an explorer lets it, if the scenario names the site. */
export function isMemoryShort({ engine, scenario }: Machine, site: string): boolean {
  const where = scenario.explore?.memoryShort;
  if (!engine.exploring || (where !== "any" && where !== site)) return false;
  return engine.choose(`is memory short for the ${site}`, 2) === 1;
}

/** From now on steps tell which slots, swap areas and memory they touch: who touches the same depends on each other. */
export function reportTouches({ engine, swap, mm }: Machine): void {
  reportSlots(engine, swap);
  reportShortage(engine, mm);
}

/** Steps that touch the same slot, or seek one, depend on each other; those that look an area up, on who takes it away. */
function reportSlots(engine: Engine, swap: SwapSpace): void {
  swap.watcher = {
    slot: (entry) => engine.touch("slot", entry, true),
    freeSlots: () => engine.touch("swap area", 0, true),
    areas: (changes) => engine.touch("swap area", AREA_TABLES, changes),
  };
}

/** Steps that take or give back memory of which there is little depend on each other. */
function reportShortage(engine: Engine, { zones }: MemoryManager): void {
  zones.onShort = (what) => engine.touch("memory", what === "lists" ? MEMORY_LISTS : 0, true);
}
