import type { Plug } from "../../block/index.ts";
import type { Actor, Pages, RegistryEntry } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import type { FrameId } from "../frame-table.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { ScanControl } from "../reclaim/scan-control.ts";

/**
 * Which page of a group goes (struct lruvec). A policy orders the frames and picks candidates; unmapping, writing and
 * freeing them is the mechanism's business (shrinkFolioList), the same for all.
 *
 * Contract: a frame is with the policy from `add` to `remove`, except while the policy has isolated it.
 */
export interface ReclaimPolicy {
  /** Who wants to hear of each access; undefined if the accessed bits are enough. */
  readonly accesses: AccessWatcher | undefined;
  /** Pages that were used since they were chosen are spared or activated (folio_check_references). */
  readonly rechecksReferences: boolean;
  /** kswapd leaves its aging out once after a pass that went well (memcgs_need_aging, lru_gen, 6.1). */
  readonly agesOnlyWhenNeeded: boolean;
  /** A page marked as referenced is kept while it is mapped, whatever else (lru_gen, shrink_folio_list, 6.1). */
  readonly keepsReferenced: boolean;
  /** Pages are added and moved fifteen at a time, as the kernel's lists are. */
  readonly usesBatches: boolean;
  /** What a page fault brings in starts active (folio_add_lru with lru_gen, 6.1). */
  readonly faultedPagesAreActive: boolean;
  /** A new or swapped-in page. */
  add(frame: FrameId): void;
  remove(frame: FrameId): void;
  /** The write of a page that reclaim wants to free has ended: let it be met next. */
  rotate(frame: FrameId): void;
  /** A page that is used becomes active (folio_activate_fn). */
  activate(frame: FrameId): void;
  /** A file page is read by a system call (folio_mark_accessed). */
  markAccessed(frame: FrameId): void;
  /** Reclaim found a page young; its neighbours may be too (lru_gen_look_around). */
  foundYoung(frame: FrameId, scan: ScanControl): void;
  /** The page is evicted; what to remember of it in its slot (not 0). */
  shadowOf(frame: FrameId): number;
  /** The page comes back; `shadow` is what was remembered, 0 if nothing. Called before `add`. */
  refault(frame: FrameId, shadow: number, inFault: boolean): void;
  /** One pass at the priority in `scan` (shrink_lruvec). */
  shrink(scan: ScanControl, plug: Plug): Actor;
  /** kswapd's background aging before each pass (kswapd_age_node). False if nothing of the group may be taken yet. */
  age(scan: ScanControl): Actor<boolean>;
  /** A reclaim call is over. */
  reclaimEnded(): void;
  /** Pages it could reclaim in the best case. */
  reclaimable(): Pages;
  /** Sizes of its lists, for reports. */
  sizes(): Readonly<Record<string, Pages>>;
  /** Broken invariants found by counting everything again. */
  check(): readonly string[];
}

/** Hears of accesses that need no fault; those that do are heard of when they are repeated after it. */
export interface AccessWatcher {
  /** A task is about to begin. `future` gives all pages that it will touch, in order, and may be slow. */
  begin(task: AddressSpace, future: () => Uint32Array): void;
  /** The task made the accesses `from` .. `to` of a batch, each `page * 2 + write`. Nothing came in between. */
  touched(task: AddressSpace, batch: Uint32Array, from: number, to: number): void;
}

/** A policy in its registry. */
export interface ReclaimPolicyEntry extends RegistryEntry {
  /** It must know all accesses in advance, so the machine has one task that touches memory, and that has an end. */
  readonly needsFuture: boolean;
  /** It knows a page by its task and number, so it can have none that a fork made two tasks share. */
  readonly numbersPages: boolean;
  /** The policy of one group. */
  create(mm: MemoryManager, group: MemCgroup): ReclaimPolicy;
}
