import type { Actor } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { handleMmFault } from "../fault.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { touchResident } from "../pte.ts";

/** copy_to_user of the kernel: stores to one page of a task, with as many faults as it takes. */
export function* touchPage(mm: MemoryManager, task: AddressSpace, page: number): Actor {
  const access = new Uint32Array([page * 2 + 1]);
  while (!task.death && touchResident(task.ptes, task.stored, access, 0, 1) === 0) {
    const cost = handleMmFault(mm, task, page, true);
    yield* mm.processors.run("copy_to_user", typeof cost === "number" ? cost : yield* cost);
  }
}
