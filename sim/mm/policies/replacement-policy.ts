import type { Plug } from "../../block/index.ts";
import { type Actor, call, fail, type Pages } from "../../engine/index.ts";
import type { PageNumber, Replacement, ReplacementEntry } from "../../replacement/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, type FrameTable, NO_FRAME, PG } from "../frame-table.ts";
import { LruLists } from "../lru-lists.ts";
import type { MemCgroup } from "../memcg/mem-cgroup.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { type ScanControl, SWAP_CLUSTER_MAX } from "../reclaim/scan-control.ts";
import { ShrinkBatch, shrinkFolioList } from "../reclaim/shrink-folio-list.ts";
import { testAndClearYoung } from "../rmap.ts";
import { countFreed, countScanned } from "./reclaim-counters.ts";
import type { AccessWatcher, ReclaimPolicy, ReclaimPolicyEntry } from "./reclaim-policy.ts";
import { TaskPages } from "./task-pages.ts";

/** The one list of pages on their way out. */
const LEAVING = 0;

/**
 * A page-replacement policy in the place of the kernel's. It only says which page goes; when reclaim runs and for how
 * many pages at a time is the kernel's business as always.
 *
 * A victim is decided upon once. While its write runs it stands in a list of those that leave, oldest first, and is
 * freed when reclaim meets it there. If its task asks for it in the meantime it has been missed like a page that had
 * to be read. Some policies hear of each access, which no hardware could tell them; that takes no simulated time.
 */
class ReplacementPolicy implements ReclaimPolicy, AccessWatcher {
  readonly rechecksReferences = false;
  readonly agesOnlyWhenNeeded = false;
  readonly keepsReferenced = false;
  readonly usesBatches = false;
  readonly faultedPagesAreActive = false;
  readonly #mm: MemoryManager;
  readonly #group: MemCgroup;
  readonly #frames: FrameTable;
  readonly #entry: ReplacementEntry;
  readonly #pages: TaskPages = new TaskPages();
  /** Page by frame; right for frames that hold a task's page. */
  readonly #pageOf: Uint32Array;
  #memory: Replacement;
  readonly #leaving: LruLists;
  /** Pages, by number, whose first access is still to come: the one for which they were brought in. */
  #isUnused: Uint8Array = new Uint8Array(0);
  #future: () => Uint32Array = () => new Uint32Array(0);

  constructor(mm: MemoryManager, group: MemCgroup, entry: ReplacementEntry) {
    this.#mm = mm;
    this.#group = group;
    this.#frames = mm.frames;
    this.#entry = entry;
    this.#pageOf = new Uint32Array(mm.frames.frames);
    this.#leaving = new LruLists(mm.frames, 1, mm.zones);
    this.#memory = this.#create();
  }

  get accesses(): AccessWatcher | undefined {
    return this.#entry.seesEveryAccess ? this : undefined;
  }

  begin(task: AddressSpace, future: () => Uint32Array): void {
    this.#future = future;
    this.#numberTasksUpTo(task.id);
  }

  touched(task: AddressSpace, batch: Uint32Array, from: number, to: number): void {
    const first = this.#pages.firstOf(task.id);
    for (let index = from; index < to; index++) this.#touch(first + (batch[index]! >>> 1));
  }

  add(frame: FrameId): void {
    if (this.#frames.has(frame, PG.Mapped)) {
      const task = this.#frames.ownerTask[frame]!;
      this.#numberTasksUpTo(task);
      this.#pageOf[frame] = this.#pages.firstOf(task) + this.#frames.ownerPage[frame]!;
    }
    this.#bringIn(frame);
  }

  remove(frame: FrameId): void {
    const page = this.#pageOf[frame]!;
    this.#pages.release(page);
    if (this.#memory.has(page)) {
      this.#memory.remove(page);
      this.#frames.clear(frame, PG.Lru);
    } else {
      this.#leaving.remove(LEAVING, frame);
    }
  }

  /** A page that came back to use while its write ran is none of those that leave. */
  rotate(frame: FrameId): void {
    if (this.#memory.has(this.#pageOf[frame]!)) return;
    this.#leaving.remove(LEAVING, frame);
    this.#leaving.addTail(LEAVING, frame);
    this.#mm.vm.pgrotated++;
  }

  /** The slot remembers which page it holds, because readahead brings in slots and not pages. */
  shadowOf(frame: FrameId): number {
    return this.#pageOf[frame]! + 1;
  }

  /** Without an active list nothing says that a page was not needed, so each one that comes back counts as needed. */
  refault(frame: FrameId, shadow: number): void {
    if (shadow === 0) fail("a page that was swapped out left its number in its slot");
    this.#pageOf[frame] = shadow - 1;
    this.#frames.set(frame, PG.Workingset);
    this.#mm.vm.workingset_refault_anon++;
  }

  *shrink(scan: ScanControl, plug: Plug): Actor {
    const wanted = scan.reclaimed + scan.target;
    let left = Math.floor(this.#held / 2 ** scan.priority);
    while (left > 0 && scan.reclaimed < wanted) {
      const isolated = this.#isolate(Math.min(left, SWAP_CLUSTER_MAX));
      if (isolated.length === 0) return;
      left -= isolated.length;
      countScanned(this.#mm, this.#group, scan, false, isolated.length);
      const batch = new ShrinkBatch(isolated);
      yield call(shrinkFolioList(this.#mm, this.#group, batch, scan, plug));
      for (const frame of batch.kept) this.#putBack(frame);
      countFreed(this.#mm, this.#group, scan, false, batch.freed);
    }
  }

  *age(): Actor<boolean> {
    return true;
  }

  activate(): void {}

  markAccessed(): void {}

  foundYoung(): void {}

  reclaimEnded(): void {}

  reclaimable(): Pages {
    return this.#mm.swap.free > 0 ? this.#held : this.#leaving.size(LEAVING);
  }

  sizes(): Readonly<Record<string, Pages>> {
    return { resident: this.#memory.size, leaving: this.#leaving.size(LEAVING) };
  }

  check(): readonly string[] {
    const broken: string[] = [];
    const counted = { resident: 0, leaving: this.#leaving.countByWalking(LEAVING) };
    for (let frame = 0; frame < this.#frames.frames; frame++) {
      if (!this.#frames.has(frame, PG.Lru)) continue;
      const page = this.#pageOf[frame]!;
      if (this.#memory.has(page)) counted.resident++;
      const held = this.#pages.frameOf[page];
      if (held !== frame) broken.push(`frame ${frame} holds page ${page}, whose frame is said to be ${held}`);
    }
    for (const [name, size] of Object.entries(this.sizes())) {
      const found = counted[name as keyof typeof counted];
      if (found !== size) broken.push(`${this.#entry.name}: ${found} pages are ${name}, it counts ${size}`);
    }
    return broken;
  }

  get #held(): Pages {
    return this.#memory.size + this.#leaving.size(LEAVING);
  }

  /** An access is done after the fault that makes it possible, so the first one after that is no second use. */
  #touch(page: PageNumber): void {
    const frame = this.#pages.frameOf[page]!;
    if (frame !== NO_FRAME) {
      if (!this.#memory.has(page)) this.#rescue(frame);
      const isFirst = this.#isUnused[page] === 1;
      this.#isUnused[page] = 0;
      if (isFirst && this.#entry.countsAccesses) return;
    }
    this.#memory.touch(page);
  }

  /** Pages that can go at once first, then new victims, as long as there is swap for them. */
  #isolate(count: Pages): FrameId[] {
    const isolated: FrameId[] = [];
    this.#isolateLeaving(count, isolated);
    while (isolated.length < count && this.#memory.size > 0 && this.#mm.swap.free > 0) {
      const page = this.#memory.evict();
      const frame = this.#pages.frameOf[page]!;
      this.#pages.release(page);
      this.#frames.clear(frame, PG.Lru);
      isolated.push(frame);
    }
    return isolated;
  }

  /** Those whose writes have ended stand at the tail; the first one under write-back ends the search. */
  #isolateLeaving(count: Pages, isolated: FrameId[]): void {
    while (isolated.length < count) {
      const frame = this.#leaving.last(LEAVING);
      if (frame === NO_FRAME || this.#frames.has(frame, PG.Writeback)) return;
      if (this.#frames.has(frame, PG.Mapped)) {
        this.#rescue(frame);
        continue;
      }
      this.#leaving.remove(LEAVING, frame);
      this.#pages.release(this.#pageOf[frame]!);
      isolated.push(frame);
    }
  }

  /** A page that was not freed: it still is its task's, or its write runs. */
  #putBack(frame: FrameId): void {
    if (this.#frames.has(frame, PG.Mapped)) {
      this.#bringIn(frame);
      return;
    }
    this.#pages.hold(this.#pageOf[frame]!, frame);
    this.#leaving.addHead(LEAVING, frame);
  }

  /** A page on its way out is mapped again. */
  #rescue(frame: FrameId): void {
    this.#leaving.remove(LEAVING, frame);
    this.#bringIn(frame);
  }

  #bringIn(frame: FrameId): void {
    const page = this.#pageOf[frame]!;
    this.#pages.hold(page, frame);
    this.#isUnused[page] = 1;
    this.#memory.insert(page);
    this.#frames.set(frame, PG.Lru);
  }

  #numberTasksUpTo(task: number): void {
    while (this.#pages.tasks <= task) {
      this.#pages.add(this.#mm.tasks[this.#pages.tasks]!);
      const isUnused = new Uint8Array(this.#pages.count);
      isUnused.set(this.#isUnused);
      this.#isUnused = isUnused;
      if (!this.#entry.needsFuture) this.#memory.grow(this.#pages.count);
      else if (this.#pages.tasks > 1) fail("a policy that knows the future knows that of one task");
      else this.#memory = this.#create();
    }
  }

  #create(): Replacement {
    return this.#entry.create({
      pages: this.#pages.count,
      capacity: this.#frames.frames,
      random: this.#mm.engine.random.named("mm/replacement"),
      future: this.#future,
      testAndClearAccessed: (page) => testAndClearYoung(this.#mm, this.#pages.frameOf[page]!),
    });
  }
}

/** Makes a reclaim policy of a page-replacement policy. */
export function replacementPolicy(entry: ReplacementEntry): ReclaimPolicyEntry {
  const { name, summary, source, parameters, needsFuture } = entry;
  return {
    name,
    summary,
    source,
    parameters,
    needsFuture,
    numbersPages: true,
    create: (mm, group) => new ReplacementPolicy(mm, group, entry),
  };
}
