import type { Pages } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { MemCgroup } from "./mem-cgroup.ts";

/** A page that was charged is given back (uncharge_batch). */
export function uncharge(mm: MemoryManager, group: MemCgroup, pages: Pages): void {
  if (group.isRoot) return;
  group.usage -= pages;
  mm.rstat.updated(1);
}
