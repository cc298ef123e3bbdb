import type { Duration, MaybeActor } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { handleMmFault } from "../fault.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { touchResident } from "../pte.ts";
import { touchPage } from "../touch.ts";

/**
 * One try to load from a page or to store to it. Undefined if that is done, or the task is dead; otherwise the fault, after
 * which to try again, with the CPU time that it uses and that is not paid yet.
 */
export function tryAccess(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
): MaybeActor<Duration> | undefined {
  touchPage(mm, task.id, page);
  if (task.death) return undefined;
  const access = Uint32Array.of(page * 2 + (write ? 1 : 0));
  if (touchResident(task.ptes, task.stored, access, 0, 1) > 0) return undefined;
  return handleMmFault(mm, task, page, write);
}
