export type { AccessSource, InterleavedFileReads } from "./access-pattern.ts";
export type { AddressSpace, Death } from "./address-space.ts";
export { MM_COSTS, type MmCost, type MmCosts } from "./costs.ts";
export { memoryDigest } from "./digest.ts";
export { dupMmap } from "./dup-mmap.ts";
export { exitMmap, exitThread } from "./exit-mm.ts";
export type { FileBacking, FileCache } from "./filemap/file-cache.ts";
export { loadMapped } from "./filemap/file-fault.ts";
export { filemapRead } from "./filemap/file-read.ts";
export { filemapWrite } from "./filemap/file-write.ts";
export { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
export { KernelMemory } from "./kernel-memory.ts";
export { type KernelProfile, kernelProfiles } from "./kernel-profiles.ts";
export { MemCgroup, type MemCgroupLimits, NO_LIMITS } from "./memcg/mem-cgroup.ts";
export { MemoryManager, type MemoryOptions, type TaskMemoryOptions } from "./memory-manager.ts";
export { keptFor } from "./page-io.ts";
export type { PageObserver } from "./page-observer.ts";
export { reclaimPolicies } from "./policies/index.ts";
export { PoolPages } from "./pool-pages.ts";
export type { PressureAverages } from "./psi.ts";
export {
  entryOf,
  frameOf,
  isPresent,
  isSharedSwap,
  isSwapped,
  isZeroPage,
  PTE_NONE,
  PTE_WRITABLE,
} from "./pte.ts";
export { tryToFreePages } from "./reclaim/direct-reclaim.ts";
export { kswapd } from "./reclaim/kswapd.ts";
export { copyToUser } from "./tasks/copy-to-user.ts";
export { type Between, MemoryTask, type MemoryTaskOptions } from "./tasks/memory-task.ts";
export { REFERENCES_MAX } from "./tasks/reference-string.ts";
export { type ScriptLine, scriptTask } from "./tasks/script-task.ts";
export { tryToUnuse } from "./unuse.ts";
export { VMSTAT } from "./vmstat.ts";
export { minFreeKbytes, type Watermarks, watermarks } from "./zones/watermarks.ts";
export type { FragmentationSpec, ZoneSpec } from "./zones/zone.ts";
export { shrinkZswap, zswapShrinker } from "./zswap-writeback.ts";
