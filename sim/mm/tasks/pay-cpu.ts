import { type Actor, DONE } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import type { MemoryManager } from "../memory-manager.ts";

/** Spends the CPU time that a task has used and not yet spent on the clock; what it returns is run at once. */
export function payCpu(mm: MemoryManager, task: AddressSpace): Actor {
  const { owed } = task;
  task.owed = 0;
  task.wasScheduled = true;
  return owed > 0 ? mm.processors.run("user", owed) : DONE;
}
