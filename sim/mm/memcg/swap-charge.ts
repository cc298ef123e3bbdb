import type { SwapEntry } from "../../swap/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { MemCgroup } from "./mem-cgroup.ts";

/** __mem_cgroup_try_charge_swap: a slot counts against memory.swap.max from when it is handed out. */
export function chargeSwap(mm: MemoryManager, group: MemCgroup, entry: SwapEntry): boolean {
  if (group.isRoot) return true;
  if (group.swapLeft < 1) return false;
  group.swapUsage++;
  mm.swap.setOwner(entry, group.id);
  mm.rstat.updated(1);
  return true;
}

/** __mem_cgroup_uncharge_swap: only when the slot cache gives the slot back to its area, up to 64 late. */
export function unchargeSwap(mm: MemoryManager, owner: number): void {
  const group = mm.groups[owner]!;
  if (group.isRoot) return;
  group.swapUsage--;
  mm.rstat.updated(1);
}
