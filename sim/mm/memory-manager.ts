import type { OwnerId, OwnerTable } from "../block/index.ts";
import type { Engine, Pages, Processors } from "../engine/index.ts";
import { Histogram, WaitQueue } from "../engine/index.ts";
import { ClusterReadahead, type SwapSpace } from "../swap/index.ts";
import { AddressSpace } from "./address-space.ts";
import { desktopCosts, type MmCosts } from "./costs.ts";
import { type FrameId, FrameTable } from "./frame-table.ts";
import { type KernelProfile, kernelProfiles } from "./kernel-profiles.ts";
import type { PageObserver } from "./page-observer.ts";
import { reclaimPolicies } from "./policies/index.ts";
import type { ReclaimPolicy } from "./policies/reclaim-policy.ts";
import { Psi } from "./psi.ts";
import { type VmCounters, zeroVmCounters } from "./vmstat.ts";
import { type Watermarks, watermarks } from "./watermarks.ts";

export interface MemoryOptions {
  readonly frames: Pages;
  /** Name of a kernel profile. */
  readonly kernel: string;
  /** Name of a reclaim policy; left out: the one of the kernel. */
  readonly reclaim?: string;
  readonly swappiness: number;
  readonly pageCluster: number;
  readonly watermarkScaleFactor: number;
  /** Left out: computed from frames and scale factor. */
  readonly watermarks?: Watermarks;
  /** Left out: those of a desktop. */
  readonly costs?: MmCosts;
  readonly observer: PageObserver;
  readonly owners: OwnerTable;
  /** One line of the simulated kernel log. */
  readonly log: (line: string) => void;
  /** Mechanisms broken on purpose. */
  readonly faults: ReadonlySet<string>;
}

/** The memory of the machine: what kswapd, direct reclaim and the fault path share. The functions live beside it. */
export class MemoryManager {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly swap: SwapSpace;
  readonly frames: FrameTable;
  readonly marks: Watermarks;
  readonly profile: KernelProfile;
  readonly policy: ReclaimPolicy;
  readonly readahead: ClusterReadahead;
  readonly swappiness: number;
  readonly costs: MmCosts;
  readonly observer: PageObserver;
  readonly faults: ReadonlySet<string>;
  readonly log: (line: string) => void;
  readonly #owners: OwnerTable;
  readonly tasks: AddressSpace[] = [];
  /** Owner of the bytes of each task, by task number. */
  readonly ownerIds: OwnerId[] = [];
  readonly vm: VmCounters = zeroVmCounters();
  readonly psi: Psi;
  /** Time from entry to mapping of faults that had to read from swap, ns. */
  readonly majorFaultLatency: Histogram = new Histogram();
  /** Pages under swap write-back (NR_WRITEBACK). */
  writeback: Pages = 0;
  /** Somebody waits here for pages under write-back to come free. */
  readonly writebackEnded: WaitQueue;
  /** kswapd sleeps here. */
  readonly kswapdWait: WaitQueue;
  /** Direct reclaimers that are held back so that the last pages stay with kswapd. */
  readonly pfmemallocWait: WaitQueue;
  /** Reclaim runs of kswapd that freed nothing (pgdat->kswapd_failures). */
  kswapdFailures = 0;
  /** Who waits for the lock of a page under read. */
  readonly #pageWaiters = new Map<FrameId, WaitQueue>();
  /** Queues that nobody waits in at present. */
  readonly #spareQueues: WaitQueue[] = [];

  constructor(engine: Engine, processors: Processors, swap: SwapSpace, options: MemoryOptions) {
    this.engine = engine;
    this.processors = processors;
    this.swap = swap;
    this.frames = new FrameTable(options.frames);
    this.marks = options.watermarks ?? watermarks(options.frames, options.watermarkScaleFactor);
    this.costs = options.costs ?? desktopCosts;
    this.profile = kernelProfiles.require(options.kernel);
    this.readahead = new ClusterReadahead(options.pageCluster);
    this.swappiness = options.swappiness;
    this.observer = options.observer;
    this.faults = options.faults;
    this.#owners = options.owners;
    this.log = options.log;
    this.psi = new Psi(engine);
    this.writebackEnded = new WaitQueue(engine, "writeback");
    this.kswapdWait = new WaitQueue(engine, "kswapd_wait");
    this.pfmemallocWait = new WaitQueue(engine, "pfmemalloc_wait");
    this.policy = reclaimPolicies.require(options.reclaim ?? this.profile.policy).create(this);
  }

  /** A new task with its own memory. */
  createTask(name: string, pages: Pages): AddressSpace {
    const id = this.tasks.length;
    const task = new AddressSpace(id, name, pages, this.observer.taskStarted(id, name, pages));
    this.tasks.push(task);
    this.ownerIds.push(this.#owners.add("memory", `task ${name}`).id);
    return task;
  }

  /** Frame -> queue of those who wait for its lock. */
  pageWaitQueue(frame: FrameId): WaitQueue {
    let queue = this.#pageWaiters.get(frame);
    if (!queue) {
      queue = this.#spareQueues.pop() ?? new WaitQueue(this.engine, "folio_wait_table");
      this.#pageWaiters.set(frame, queue);
    }
    return queue;
  }

  wakePageWaiters(frame: FrameId): void {
    const queue = this.#pageWaiters.get(frame);
    if (!queue) return;
    this.#pageWaiters.delete(frame);
    queue.wakeAll();
    this.#spareQueues.push(queue);
  }

  /** The node has as much free memory as kswapd aims for (pgdat_balanced). */
  get balanced(): boolean {
    return this.frames.free > this.marks.high;
  }
}
