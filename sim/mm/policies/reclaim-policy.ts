import type { Plug } from "../../block/index.ts";
import type { Actor, Pages, RegistryEntry } from "../../engine/index.ts";
import type { FrameId } from "../frame-table.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { ScanControl } from "../reclaim/scan-control.ts";

/**
 * Which page goes. A policy orders the frames and picks candidates; unmapping, writing and freeing them is the
 * mechanism's business (shrinkFolioList), the same for all.
 *
 * Contract: a frame is with the policy from `add` to `remove`, except while the policy has isolated it.
 */
export interface ReclaimPolicy {
  /** A new or swapped-in page. */
  add(frame: FrameId): void;
  remove(frame: FrameId): void;
  /** The write of a page that reclaim wants to free has ended: let it be met next. */
  rotate(frame: FrameId): void;
  /** The page is evicted; what to remember of it in its slot (not 0). */
  shadowOf(frame: FrameId): number;
  /** The page comes back; `shadow` is what was remembered, 0 if nothing. Called before `add`. */
  refault(frame: FrameId, shadow: number): void;
  /** One pass at the priority in `scan` (shrink_lruvec). */
  shrink(scan: ScanControl, plug: Plug): Actor;
  /** kswapd's background aging before each pass. */
  age(): void;
  /** A reclaim call is over. */
  reclaimEnded(): void;
  /** Pages it could reclaim in the best case. */
  reclaimable(): Pages;
  /** Sizes of its lists, for reports. */
  sizes(): Readonly<Record<string, Pages>>;
  /** Broken invariants found by counting everything again. */
  check(): readonly string[];
}

/** A policy in its registry. */
export interface ReclaimPolicyEntry extends RegistryEntry {
  create(mm: MemoryManager): ReclaimPolicy;
}
