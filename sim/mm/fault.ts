import {
  type Actor,
  type Duration,
  JIFFY,
  type MaybeActor,
  probe,
  type RwLock,
  sleep,
  step,
} from "../engine/index.ts";
import type { SwapEntry } from "../swap/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { doAnonymousPage, mapFrame } from "./anon-page.ts";
import { type FrameId, NO_FRAME, PG } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { oops } from "./oops.ts";
import { freePage, releaseIfOrphan } from "./page-free.ts";
import { readNow } from "./page-io.ts";
import { entryOf, isPresent, isSharedSwap, isSwapped, PTE_DIRTY, PTE_LOST, PTE_NONE } from "./pte.ts";
import { allocPage } from "./reclaim/page-alloc.ts";
import { freeSwapCache, swapIsFull } from "./swap-cache.ts";
import { swapinReadahead } from "./swap-in.ts";
import { payCpu } from "./tasks/pay-cpu.ts";
import { touchPage } from "./touch.ts";
import { doWpPage } from "./wp-page.ts";
import { Mobility } from "./zones/zone.ts";

const hitCacheDuringWrite = probe("a fault finds its page in the swap cache while it is being written out");
const hitLockedPage = probe("a fault waits for a page that somebody else is reading");
const hitClaimed = probe("a fault finds its slot claimed by one that reads past the swap cache");
const hitUnreadable = probe("a swapped page cannot be read and its task gets SIGBUS");

/**
 * handle_mm_fault: makes one page accessible. The result is the CPU time used that has not been spent yet, so that cheap
 * faults cost no event of their own; the caller repeats the access afterwards, as the CPU does.
 */
export function handleMmFault(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
): MaybeActor<Duration> {
  return task.mmapLock
    ? underMmapLock(mm, task, page, write, task.mmapLock)
    : handlePteFault(mm, task, page, write);
}

/** No fork comes in between. */
function* underMmapLock(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
  lock: RwLock,
): Actor<Duration> {
  yield* lock.lockShared("mmap_read_lock (handle_mm_fault)");
  try {
    const fault = task.death ? 0 : handlePteFault(mm, task, page, write);
    return typeof fault === "number" ? fault : yield* fault;
  } finally {
    lock.unlockShared();
  }
}

function handlePteFault(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
): MaybeActor<Duration> {
  mm.noteFault(task);
  touchPage(mm, task.id, page);
  if (!task.tables.has(page)) return faultWithoutTable(mm, task, page, write);
  const pte = task.pte(page);
  if (pte === PTE_NONE) return doAnonymousPage(mm, task, page, write);
  if (isPresent(pte)) return write ? doWpPage(mm, task, page) : 0;
  if (isSwapped(pte)) return doSwapPage(mm, task, page, write);
  task.death = "sigbus";
  return 0;
}

/** __handle_mm_fault: the page-table page comes first. */
function* faultWithoutTable(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  write: boolean,
): Actor<Duration> {
  const made = yield* task.tables.make(mm, task, page);
  if (!made || task.death || task.pte(page) !== PTE_NONE) return 0;
  const cost = doAnonymousPage(mm, task, page, write);
  return typeof cost === "number" ? cost : yield* cost;
}

/**
 * do_swap_page: the page is in the swap cache, on its way, or has to be read. The fault holds the area meanwhile; swapoff
 * may have brought the page back and freed everything before that.
 */
function* doSwapPage(mm: MemoryManager, task: AddressSpace, page: number, write: boolean): Actor<Duration> {
  const { frames, swap } = mm;
  const began = mm.engine.now;
  mm.engine.current.watch?.rename("page-in");
  const entry = entryOf(task.pte(page));
  if (mm.engine.exploring) yield step("get_swap_device", swap);
  const guards = !mm.faults.has("noSlotGuard");
  const device = guards ? swap.getDevice(entry) : undefined;
  if (guards && !device) return 0;
  try {
    let frame = swap.lookup(entry);
    const major = frame === NO_FRAME;
    if (major && swap.areaOf(entry).transport.synchronousIo && swap.count(entry) === 1) {
      return yield* swapInSkippingCache(mm, task, page, entry, write);
    }
    if (major) {
      const computing = mm.processors.begin("do_swap_page", mm.costs.swapIn);
      if (computing) yield* computing;
      frame = yield* swapinReadahead(mm, task, page, entry);
      if (frame === NO_FRAME) return 0;
      mm.noteMajorFault(task);
    } else {
      noteCacheHit(mm, task, page, frame);
    }
    frames.pins[frame]!++;
    // The task may be ahead of the clock: what it owes is time in which the read goes on.
    if (!major && frames.has(frame, PG.Locked)) yield* payCpu(mm, task);
    if (frames.has(frame, PG.Locked)) yield* waitForRead(mm, task, frame, major);
    frames.pins[frame]!--;
    // A frame that left the swap cache while the fault slept proves nothing: the fault is tried again.
    if (task.death || !isSameEntry(task, page, entry) || swap.lookup(entry) !== frame) {
      releaseIfOrphan(mm, frame);
      return 0;
    }
    if (!frames.has(frame, PG.Uptodate)) return sigbus(mm, task, page, entry);
    const own = finishSwapIn(mm, task, page, entry, frame, write);
    if (major) mm.majorFaultLatency.record(mm.engine.now - began);
    if (own || !write) return mm.costs.finishFault;
    const copying = doWpPage(mm, task, page);
    return mm.costs.finishFault + (typeof copying === "number" ? copying : yield* copying);
  } catch (error) {
    return yield* oops(mm, "do_swap_page", error);
  } finally {
    device?.put();
  }
}

/** folio_lock_or_retry: somebody reads the page; it is locked until the read has ended. */
function* waitForRead(mm: MemoryManager, task: AddressSpace, frame: FrameId, major: boolean): Actor {
  const { frames } = mm;
  // The fault gives up its locks and is tried again: getrusage counts that as major, vmstat does not.
  if (!major) {
    hitLockedPage();
    task.majorFaults++;
  }
  // Waiting for a page that had been active is a memory stall; waiting for another one is plain I/O.
  const stall = frames.has(frame, PG.Workingset);
  if (stall) mm.psi.enterStall();
  while (frames.has(frame, PG.Locked)) yield mm.pageWaitQueue(frame).wait("folio_wait_bit (PG_locked)");
  if (stall) mm.psi.leaveStall();
  task.wasScheduled = true;
}

/**
 * The synchronous path of do_swap_page: the device needs no time and nobody else uses the slot, so the page is read
 * straight into a fresh frame, without swap cache and readahead, and its slot is given up at once. The slot is claimed
 * meanwhile: its number alone would not show that another fault has freed it and new data has come to lie there.
 */
function* swapInSkippingCache(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  entry: SwapEntry,
  write: boolean,
): Actor<Duration> {
  const { swap } = mm;
  const claims = !mm.faults.has("noPinSlotOnRead");
  if (claims && !swap.claim(entry)) {
    hitClaimed();
    yield sleep("schedule_timeout_uninterruptible (do_swap_page)", JIFFY);
    return 0;
  }
  const cost = yield* readPastCache(mm, task, page, entry, write);
  if (claims) swap.unclaim(entry);
  return cost;
}

function* readPastCache(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  entry: SwapEntry,
  write: boolean,
): Actor<Duration> {
  const { frames, swap, engine } = mm;
  const began = engine.now;
  const allocating = allocPage(mm, task, undefined, Mobility.Movable, mm.groupOfSlot(entry));
  const frame = typeof allocating === "number" ? allocating : yield* allocating;
  if (frame === NO_FRAME) return 0;
  if (task.death || !isSameEntry(task, page, entry)) {
    freePage(mm, frame);
    return 0;
  }
  mm.groupOf(frame).lruvec.refault(frame, swap.shadowOf(entry), true);
  const found = readNow(mm, entry);
  if (found) mm.observer.slotRead(entry, found.generation);
  mm.noteMajorFault(task);
  if (engine.exploring) yield step("do_swap_page (pte_same)", swap);
  if (task.death || !isSameEntry(task, page, entry)) {
    freePage(mm, frame);
    return 0;
  }
  if (!found) {
    freePage(mm, frame);
    return sigbus(mm, task, page, entry);
  }
  frames.content[frame] = found.generation;
  mm.observer.mapped(task.id, page, entry, found.generation);
  swap.put(entry);
  task.swapped--;
  frames.set(frame, PG.Uptodate | PG.Dirty);
  mapFrame(mm, task, page, frame, write || mm.profile.readSwapInMapsWritable);
  mm.batches.add(frame, true);
  mm.majorFaultLatency.record(engine.now - began + mm.costs.decompress);
  return mm.costs.decompress + mm.costs.finishFault;
}

/** swap_cache_get_folio: a hit on the mark counts for the readahead, whatever set the mark. */
function noteCacheHit(mm: MemoryManager, task: AddressSpace, page: number, frame: FrameId): void {
  if (mm.frames.has(frame, PG.Writeback)) hitCacheDuringWrite();
  const marked = mm.frames.testAndClear(frame, PG.Reclaim);
  if (marked) mm.vm.swap_ra_hit++;
  if (mm.usesVmaReadahead) task.readahead.hit(page, marked);
  else if (marked) mm.readahead.hit();
}

function isSameEntry(task: AddressSpace, page: number, entry: SwapEntry): boolean {
  const pte = task.pte(page);
  return isSwapped(pte) && entryOf(pte) === entry;
}

function sigbus(mm: MemoryManager, task: AddressSpace, page: number, entry: SwapEntry): Duration {
  hitUnreadable();
  mm.observer.unreadable(task.id, page, entry);
  task.ptes[page] = PTE_LOST;
  task.swapped--;
  mm.swap.put(entry);
  task.death = "sigbus";
  return 0;
}

/** The rest of do_swap_page: the page is mapped and its slot has one user less. False if others may have the page too. */
function finishSwapIn(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  entry: SwapEntry,
  frame: FrameId,
  write: boolean,
): boolean {
  const { frames } = mm;
  const wasShared = isSharedSwap(task.pte(page));
  mm.observer.mapped(task.id, page, entry, frames.content[frame]!);
  // A page that still is in a batch has one reference more, and its slot could not be given up.
  if (write && !frames.has(frame, PG.Lru)) mm.batches.drain();
  mm.swap.put(entry);
  task.swapped--;
  // A write by the only user, or swap more than half full: the slot is given up at once.
  const isLastUser = !frames.has(frame, PG.Mapped) && !frames.isHeldByOthers(frame);
  if (swapIsFull(mm, mm.groupOf(frame)) || (write && isLastUser)) freeSwapCache(mm, frame);
  const own = !wasShared || !(frames.has(frame, PG.SwapCache | PG.Mapped) || frames.isHeldByOthers(frame));
  mapFrame(mm, task, page, frame, own && (write || mm.profile.readSwapInMapsWritable));
  if (!write) task.ptes[page]! &= ~PTE_DIRTY;
  if (own) frames.clear(frame, PG.Shared);
  else frames.set(frame, PG.Shared);
  if (mm.profile.swapInActivates) mm.batches.activate(frame);
  return own;
}
