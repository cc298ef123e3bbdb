import { type Actor, NeverEnds } from "../engine/index.ts";
import { UseAfterFree } from "../swap/index.ts";
import type { MemoryManager } from "./memory-manager.ts";

/**
 * The process dies in the kernel where it stands, with whatever it holds: it will never go on. Anything but a use of freed
 * memory is thrown again.
 */
export function* oops(mm: MemoryManager, where: string, error: unknown): Actor<never> {
  if (!(error instanceof UseAfterFree)) throw error;
  mm.log(`BUG: unable to handle page fault in ${where}: use after free of ${error.message}`);
  return yield* new NeverEnds(`an oops: it used ${error.message}`).wait(where);
}
