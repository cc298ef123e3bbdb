import type { Pages } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { reap } from "../exit-mm.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";

/** oom_badness: resident pages, swap entries and page tables (one page of those for 512 pages). */
export function oomBadness(task: AddressSpace): Pages {
  return task.rss + task.swapped + Math.ceil(task.pages / 512);
}

/**
 * out_of_memory: kills the task with the most memory, of the group if one is over its limit, and lets the reaper take
 * its pages at once. Returns the victim; undefined if nobody is left, which the caller cannot survive.
 */
export function outOfMemory(mm: MemoryManager, group: MemCgroup | undefined): AddressSpace | undefined {
  let victim: AddressSpace | undefined;
  for (const task of mm.tasks) {
    if (group && task.group !== group) continue;
    if (task.death || task.rss + task.swapped === 0) continue;
    if (!victim || oomBadness(task) > oomBadness(victim)) victim = task;
  }
  if (!victim) return undefined;
  mm.vm.oom_kill++;
  victim.group.events.oom_kill++;
  mm.log(
    `${group ? "Memory cgroup out" : "Out"} of memory: Killed process ${victim.name} anon-rss:${victim.rss * 4}kB swap:${victim.swapped * 4}kB`,
  );
  victim.death = "oom";
  reap(mm, victim);
  return victim;
}
