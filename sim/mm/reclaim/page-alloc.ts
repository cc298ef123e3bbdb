import type { Plug } from "../../block/index.ts";
import { type Actor, type MaybeActor, probe } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME } from "../frame-table.ts";
import { NOT_CHARGED, tryCharge } from "../memcg/charge.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { Mobility } from "../zones/zone.ts";
import { tryToFreePages } from "./direct-reclaim.ts";
import { MAX_RECLAIM_RETRIES, reclaimablePages, wakeupKswapd } from "./kswapd.ts";
import { outOfMemory } from "./oom.ts";

const hitDirect = probe("an allocation has to reclaim directly");

/** A frame from a zone above its mark; NO_FRAME if there is none. */
function takePage(mm: MemoryManager, mark: "low" | "min", mobility: number): FrameId {
  const frame = mm.zones.take(mark, mobility);
  if (frame === NO_FRAME) return NO_FRAME;
  mm.vm.pgalloc++;
  const zone = mm.zones.lastZone;
  if (zone.isNewlyBoosted) {
    zone.isNewlyBoosted = false;
    wakeupKswapd(mm, zone.index);
  }
  return frame;
}

/**
 * A page for a task, charged to its group, or to `group` (__alloc_pages, then mem_cgroup_charge). Wakes kswapd below the
 * low mark, reclaims directly below the min mark or over the group's limit, kills a task when nothing helps. NO_FRAME only
 * if the asking task itself was killed. Requests held back in `plug` stay there, unless the caller must go to sleep.
 */
export function allocPage(
  mm: MemoryManager,
  task: AddressSpace,
  plug?: Plug,
  mobility: number = Mobility.Movable,
  group: MemCgroup = task.group,
): MaybeActor<FrameId> {
  const frame = takePage(mm, "low", mobility);
  if (frame === NO_FRAME) return allocAndCharge(mm, task, group, plug, mobility);
  const charging = tryCharge(mm, task, group, plug);
  return typeof charging === "number"
    ? endCharge(mm, group, frame, charging)
    : chargePage(mm, group, frame, charging);
}

function* allocAndCharge(
  mm: MemoryManager,
  task: AddressSpace,
  group: MemCgroup,
  plug: Plug | undefined,
  mobility: number,
): Actor<FrameId> {
  const frame = yield* allocPageSlow(mm, task, plug, mobility);
  if (frame === NO_FRAME) return NO_FRAME;
  const charging = tryCharge(mm, task, group, plug);
  const charged = typeof charging === "number" ? charging : yield* charging;
  return endCharge(mm, group, frame, charged);
}

function* chargePage(
  mm: MemoryManager,
  group: MemCgroup,
  frame: FrameId,
  charging: Actor<number>,
): Actor<FrameId> {
  return endCharge(mm, group, frame, yield* charging);
}

/** The page belongs to the group, or goes back if it was not charged. */
function endCharge(mm: MemoryManager, group: MemCgroup, frame: FrameId, charged: number): FrameId {
  if (charged === NOT_CHARGED) {
    mm.zones.release(frame);
    mm.vm.pgfree++;
    return NO_FRAME;
  }
  mm.frames.group[frame] = group.id;
  return frame;
}

/** __alloc_pages_slowpath. */
function* allocPageSlow(
  mm: MemoryManager,
  task: AddressSpace,
  plug: Plug | undefined,
  mobility: number,
): Actor<FrameId> {
  for (let fruitless = 0; ; ) {
    wakeupKswapd(mm, mm.zones.highest);
    const frame = takePage(mm, "min", mobility);
    if (frame !== NO_FRAME) return frame;
    if (task.death) return NO_FRAME;
    hitDirect();
    // Going to sleep sends what is plugged, or others would wait for pages that nobody reads.
    plug?.flush();
    const freed = yield* tryToFreePages(mm, plug);
    const afterwards = takeAfterReclaim(mm, mobility);
    if (afterwards !== NO_FRAME) return afterwards;
    fruitless = freed > 0 ? 0 : fruitless + 1;
    if (shouldReclaimRetry(mm, fruitless)) continue;
    // On a machine of a few pages all of them may be on their way to a list. The kernel does not run there: ours.
    if (mm.batches.waiting > 0) {
      mm.batches.drain();
      continue;
    }
    if (!outOfMemory(mm, undefined)) task.death = "oom";
    fruitless = 0;
  }
}

/** __alloc_pages_direct_reclaim: what CPUs keep for themselves is given back before the reclaimer gives up. */
function takeAfterReclaim(mm: MemoryManager, mobility: number): FrameId {
  const frame = takePage(mm, "min", mobility);
  if (frame !== NO_FRAME) return frame;
  mm.zones.drain();
  return takePage(mm, "min", mobility);
}

/** should_reclaim_retry: not after 17 rounds for nothing, and only if freeing everything could reach the min mark. */
function shouldReclaimRetry(mm: MemoryManager, fruitless: number): boolean {
  if (fruitless > MAX_RECLAIM_RETRIES) return false;
  return mm.zones.free + reclaimablePages(mm) > mm.marks.min;
}
