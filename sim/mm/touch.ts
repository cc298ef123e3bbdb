import { assert } from "../engine/index.ts";
import type { FrameId } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/** An explored machine has fewer tasks; a page and its task make one number. */
export const TASKS_MAX: number = 2 ** 10;

/** The running step reads or changes a page of a task: its entry, its contents, its frame, which a fork shares. */
export function touchPage({ engine, tasks }: MemoryManager, task: number, page: number): void {
  if (!engine.exploring) return;
  const { id } = tasks[task]!.family[0]!;
  assert(id < TASKS_MAX, "an explored machine has fewer than 1024 tasks");
  engine.touch("page", page * TASKS_MAX + id, true);
}

/** The same for whoever knows the frame only; a frame that no task ever mapped is known by its slot. */
export function touchFrame(mm: MemoryManager, frame: FrameId): void {
  if (!mm.engine.exploring) return;
  const { frames } = mm;
  const entry = frames.entry[frame]!;
  if (frames.hasOwner(frame)) touchPage(mm, frames.ownerTask[frame]!, frames.ownerPage[frame]!);
  if (entry >= 0) mm.engine.touch("slot", entry, true);
}
