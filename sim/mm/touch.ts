import type { FrameId } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** Tasks have fewer pages than this (28 bits of a page table entry). */
const PAGES_LIMIT = 2 ** 28;

/** The running step reads or changes a page of a task: its entry, its contents, its frame, which a fork shares. */
export function touchPage({ engine, tasks }: MemoryManager, task: number, page: number): void {
  if (engine.exploring) engine.touch("page", tasks[task]!.family[0]!.id * PAGES_LIMIT + page, true);
}

/** The same for whoever knows the frame only; a frame that no task ever mapped is known by its slot. */
export function touchFrame(mm: MemoryManager, frame: FrameId): void {
  if (!mm.engine.exploring) return;
  const { frames } = mm;
  const entry = frames.entry[frame]!;
  if (frames.hasOwner(frame)) touchPage(mm, frames.ownerTask[frame]!, frames.ownerPage[frame]!);
  if (entry >= 0) mm.engine.touch("slot", entry, true);
}
