import type { Filesystem } from "../fs/index.ts";
import type { MemoryManager } from "../mm/index.ts";
import type { SwapSpace } from "../swap/index.ts";
import { checkMemory } from "./memory.ts";
import { checkSwap } from "./swap.ts";

/** The parts of a machine that are recounted. */
export interface CheckedMachine {
  readonly mm: MemoryManager;
  readonly swap: SwapSpace;
  readonly filesystem: Filesystem | undefined;
}

/** Recomputes what the layers keep incrementally; an empty list means that everything agrees. */
export function checkMachine({ mm, swap, filesystem }: CheckedMachine): readonly string[] {
  return [...checkMemory(mm), ...checkSwap(mm, swap), ...(filesystem?.check() ?? [])];
}
