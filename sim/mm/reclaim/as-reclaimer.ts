import type { Actor } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";

/**
 * memalloc_noreclaim_save to _restore: runs an actor as one that gives memory back. It may use the reserves, and what it
 * has to allocate on the way does not reclaim in turn. Who does so already goes on doing it afterwards.
 */
export function* asReclaimer<Result>(mm: MemoryManager, run: Actor<Result>): Actor<Result> {
  const { reclaimers } = mm;
  const { current } = mm.engine;
  if (reclaimers.has(current)) return yield* run;
  reclaimers.add(current);
  const result = yield* run;
  reclaimers.delete(current);
  return result;
}
