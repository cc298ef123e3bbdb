import type { CostName } from "./costs.ts";
import { type Costs, PAGE_SIZE, pagesOf } from "./engine/index.ts";
import type { Machine } from "./machine.ts";
import { MemoryManager, type PageObserver } from "./mm/index.ts";
import { kindOfWait } from "./time-kinds.ts";

/** The memory of a machine as its scenario wants it. `before`: that of the last boot, whose counters go on. */
export function createMemory(
  machine: Machine,
  costs: Costs<CostName>,
  before?: MemoryManager,
): MemoryManager {
  const { engine, processors, swap, owners, faults } = machine;
  const { reclaim, vmaReadahead, readaheadState, minTtl, walksPageTables, zswap, minFree, zones, ...rest } =
    machine.scenario.machine;
  return new MemoryManager(engine, processors, swap, {
    frames: pagesOf(rest.memory),
    kernel: rest.kernel,
    swappiness: rest.swappiness,
    pageCluster: rest.pageCluster,
    watermarkScaleFactor: rest.watermarkScaleFactor,
    ...(reclaim === undefined ? {} : { reclaim }),
    ...(vmaReadahead === undefined ? {} : { vmaReadahead }),
    ...(readaheadState === undefined ? {} : { readaheadState }),
    ...(minTtl === undefined ? {} : { minTtl }),
    ...(walksPageTables === undefined ? {} : { walksPageTables }),
    ...(zswap === undefined ? {} : { zswap }),
    ...(minFree === undefined ? {} : { minFree: Math.floor(minFree / PAGE_SIZE) }),
    ...(zones === undefined ? {} : { zones }),
    costs,
    owners,
    faults,
    kindOfWait,
    ...(before ? { before } : {}),
    log: (line) => machine.logLine(line),
    observer: observerOf(machine),
  });
}

/** The oracle hears of everything, the witnesses of what goes to slots and comes back. */
function observerOf({ pageOracle, witnesses }: Machine): PageObserver {
  return {
    taskStarted: (task, name, pages) => pageOracle.taskStarted(task, name, pages),
    taskForked: (parent, child) => pageOracle.taskForked(parent, child),
    taskEnded: (task) => pageOracle.taskEnded(task),
    copied: (task, page, content) => pageOracle.copied(task, page, content),
    slotWritten: (entry, content) => {
      witnesses.slotWritten(entry);
      pageOracle.slotWritten(entry, content);
    },
    slotRead: (entry, found) => {
      witnesses.slotRead(entry);
      pageOracle.slotRead(entry, found);
    },
    mapped: (task, page, entry, found) => pageOracle.mapped(task, page, entry, found),
    dropped: (task, page) => pageOracle.dropped(task, page),
    unreadable: (task, page, entry) => pageOracle.unreadable(task, page, entry),
  };
}
