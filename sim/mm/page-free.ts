import type { FrameId } from "./frame-table.ts";
import { uncharge } from "./memcg/uncharge.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** Gives a page back to the machine and its charge back to its group. It is on no list and nobody refers to it. */
export function freePage(mm: MemoryManager, frame: FrameId): void {
  uncharge(mm, mm.groupOf(frame), 1);
  mm.vm.pgfree++;
  mm.zones.release(frame);
}
