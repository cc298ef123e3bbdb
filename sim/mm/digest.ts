import { mix } from "../engine/index.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";

/**
 * A number for what memory looks like: how much is free, what each page is like, and in which order pages stand on their
 * lists. Frames are known by what they hold.
 */
export function memoryDigest(mm: MemoryManager): number {
  const { frames, zones, kswapdRequest, kswapdFailures, writeback } = mm;
  const hash = mix(mix(zones.free, writeback), mix(kswapdRequest.index, kswapdFailures));
  let pages = 0;
  for (let frame = 0; frame < frames.frames; frame++) {
    if (frames.has(frame, PG.Allocated)) pages = (pages + pageDigest(mm, frame)) % 2 ** 52;
  }
  return mix(hash, pages);
}

function pageDigest({ frames }: MemoryManager, frame: FrameId): number {
  const state = mix(frames.flags[frame]!, mix(frames.generation[frame]!, frames.pins[frame]!));
  const next = frames.has(frame, PG.Lru) ? frames.next[frame]! : NO_FRAME;
  const behind = next === NO_FRAME ? 0 : holds(frames, next);
  return mix(holds(frames, frame), mix(state, behind));
}

function holds(frames: MemoryManager["frames"], frame: FrameId): number {
  const owner = frames.hasOwner(frame) ? frames.ownerTask[frame]! : 0;
  return mix(mix(owner, frames.ownerPage[frame]!), frames.entry[frame]!);
}
