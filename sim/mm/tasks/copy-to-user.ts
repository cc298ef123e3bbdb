import type { Actor } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { tryAccess } from "./try-access.ts";

/** copy_to_user of the kernel: stores to one page of a task, with as many faults as it takes. */
export function* copyToUser(mm: MemoryManager, task: AddressSpace, page: number): Actor {
  for (;;) {
    const fault = tryAccess(mm, task, page, true);
    if (fault === undefined) return;
    // Whoever copies pays, not the task.
    yield* mm.processors.run("copy_to_user", typeof fault === "number" ? fault : yield* fault);
  }
}
