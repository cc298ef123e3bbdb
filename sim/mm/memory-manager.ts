import type { BlockContent, OwnerId, OwnerTable } from "../block/index.ts";
import type { Engine, Pages, Process, Processors } from "../engine/index.ts";
import {
  assert,
  type Duration,
  Histogram,
  type KindOf,
  RwLock,
  TimeAccount,
  WaitQueue,
} from "../engine/index.ts";
import {
  ClusterReadahead,
  type ObjectCharge,
  type ReadaheadState,
  type SwapEntry,
  type SwapSpace,
  Zswap,
  type ZswapOptions,
} from "../swap/index.ts";
import { AddressSpace } from "./address-space.ts";
import { desktopCosts, type MmCosts } from "./costs.ts";
import { DirtyPages } from "./filemap/dirty-pages.ts";
import { type FileBacking, FileCache } from "./filemap/file-cache.ts";
import { FolioWaitTable } from "./folio-wait-table.ts";
import { type FrameId, FrameTable } from "./frame-table.ts";
import { type KernelProfile, kernelProfiles } from "./kernel-profiles.ts";
import { LruBatches } from "./lru-batches.ts";
import { MemCgroup, type MemCgroupLimits, NO_LIMITS } from "./memcg/mem-cgroup.ts";
import { chargeObject, unchargeObject } from "./memcg/object-charge.ts";
import { Rstat } from "./memcg/rstat.ts";
import { unchargeSwap } from "./memcg/swap-charge.ts";
import { type SwapIoEnds, swapIoEnds } from "./page-io.ts";
import type { PageObserver } from "./page-observer.ts";
import { reclaimPolicies } from "./policies/index.ts";
import type { ReclaimPolicyEntry } from "./policies/reclaim-policy.ts";
import { PoolPages } from "./pool-pages.ts";
import { Psi } from "./psi.ts";
import { type VmCounters, zeroVmCounters } from "./vmstat.ts";
import { type Watermarks, watermarks } from "./zones/watermarks.ts";
import type { ZoneSpec } from "./zones/zone.ts";
import { ZoneList } from "./zones/zone-list.ts";

/** A frame names its group with one byte. */
const GROUPS_MAX = 256;

export interface MemoryOptions {
  readonly frames: Pages;
  /** Name of a kernel profile. */
  readonly kernel: string;
  /** Name of a reclaim policy; left out: the one of the kernel. */
  readonly reclaim?: string;
  readonly swappiness: number;
  readonly pageCluster: number;
  /** /sys/kernel/mm/swap/vma_ra_enabled; left out: on, as by default. */
  readonly vmaReadahead?: boolean;
  /** What earlier programs left in the readahead's variables; left out: as after boot. */
  readonly readaheadState?: ReadaheadState;
  /** Left out: zswap is off. */
  readonly zswap?: ZswapOptions;
  /** MGLRU finds young pages by walking page tables (bit 1 of lru_gen/enabled); left out: it does. */
  readonly walksPageTables?: boolean;
  /** MGLRU takes no page that was used within this time, and kills a task instead (lru_gen/min_ttl_ms); left out: 0. */
  readonly minTtl?: Duration;
  readonly watermarkScaleFactor: number;
  /** vm.min_free_kbytes in pages; left out: as the kernel computes it. */
  readonly minFree?: Pages;
  /** Zones of the machine, lowest first; left out: one, whose marks are computed from frames and scale factor. */
  readonly zones?: readonly ZoneSpec[];
  /** Left out: those of a desktop. */
  readonly costs?: MmCosts;
  readonly observer: PageObserver;
  readonly owners: OwnerTable;
  /** One line of the simulated kernel log. */
  readonly log: (line: string) => void;
  /** Mechanisms broken on purpose. */
  readonly faults: ReadonlySet<string>;
  /** What kind of time a wait is; left out: nobody asks. */
  readonly kindOfWait?: KindOf;
  /** The machine booted again after a power loss: what it counted before goes on from there. */
  readonly before?: MemoryManager;
}

/** What a page of a program compresses to if nobody says: a third, the usual figure for zswap. An estimate. */
const USUAL_COMPRESSED_SIZE = 1365;

/** What the memory of a task is like. */
export interface TaskMemoryOptions {
  /** Left out: the root. */
  readonly group?: MemCgroup;
  /** Bytes that a page compresses to; 0 if it holds one word again and again. */
  readonly compressedSize?: (page: number) => number;
}

/** The memory of the machine: what kswapd, direct reclaim and the fault path share. The functions live beside it. */
export class MemoryManager {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly swap: SwapSpace;
  readonly frames: FrameTable;
  readonly zones: ZoneList;
  /** Marks of all zones together, boosts left out. */
  readonly marks: Watermarks;
  readonly profile: KernelProfile;
  readonly readahead: ClusterReadahead;
  /** /sys/kernel/mm/swap/vma_ra_enabled. */
  readonly vmaReadaheadEnabled: boolean;
  readonly walksPageTables: boolean;
  /** lru_gen/min_ttl_ms. */
  readonly minTtl: Duration;
  readonly swappiness: number;
  /** log2 of the largest swap readahead. */
  readonly pageCluster: number;
  readonly costs: MmCosts;
  readonly observer: PageObserver;
  readonly faults: ReadonlySet<string>;
  readonly log: (line: string) => void;
  readonly #owners: OwnerTable;
  readonly tasks: AddressSpace[] = [];
  /** Files of which pages are kept in memory. */
  readonly files: FileCache[] = [];
  /** Memory cgroups; the first one is the machine itself. */
  readonly groups: MemCgroup[] = [];
  /** File pages that wait to be written. */
  readonly dirty: DirtyPages;
  readonly rstat: Rstat;
  /** Pool of compressed pages in front of the swap areas, if there is one. */
  readonly zswap: Zswap | undefined;
  /** Slots whose pages were zeroes when they went out, and were not written (si->zeromap, since 6.12). */
  readonly zeromap: Map<SwapEntry, BlockContent> = new Map();
  /** Pages on their way to their lists. */
  readonly batches: LruBatches;
  readonly #policy: ReclaimPolicyEntry;
  /** Owner of the bytes of each task, by task number. */
  readonly ownerIds: OwnerId[] = [];
  readonly vm: VmCounters;
  readonly psi: Psi;
  /** Time from entry to mapping of faults that had to read from swap, ns. */
  readonly majorFaultLatency: Histogram;
  /** Where the time of faults went that could wait. */
  readonly faultTimes: TimeAccount;
  readonly swapIoEnds: SwapIoEnds = swapIoEnds(this);
  /** Pages under swap write-back (NR_WRITEBACK). */
  writeback: Pages = 0;
  /** Somebody waits here for pages under write-back to come free. */
  readonly writebackEnded: WaitQueue;
  /** What somebody waits for who waits there: whoever carries pages to their slots, if it is not a device. */
  readonly carriers: { readonly name: string; anyOf(): readonly Process[] | undefined } = {
    name: "a page under write-back",
    anyOf: () => {
      const carriers = this.swap.areas.flatMap(({ transport }) => transport.carriers?.() ?? []);
      return carriers.length < this.writeback ? undefined : carriers;
    },
  };
  /** Who reclaims right now, kswapd always: they may use the reserves and reclaim no further (PF_MEMALLOC). */
  readonly reclaimers: Set<Process> = new Set();
  /** The thread that reclaims in the background, once it runs. */
  kswapd: readonly [Process] | undefined;
  /** kswapd sleeps here. */
  readonly kswapdWait: WaitQueue;
  /** Direct reclaimers that are held back so that the last pages stay with kswapd. */
  readonly pfmemallocWait: WaitQueue;
  /** Highest zone for which kswapd was asked since it last looked; -1 for none. */
  readonly kswapdRequest: { index: number } = { index: -1 };
  /** Reclaim runs of kswapd that freed nothing (pgdat->kswapd_failures). */
  kswapdFailures = 0;
  /** Who waits for the lock of a page under read. */
  readonly #pageWaiters: FolioWaitTable;

  constructor(engine: Engine, processors: Processors, swap: SwapSpace, options: MemoryOptions) {
    this.engine = engine;
    this.processors = processors;
    this.swap = swap;
    this.frames = new FrameTable(options.frames);
    this.zones = new ZoneList(
      this.frames,
      options.zones ?? [onlyZone(options)],
      processors.count,
      options.faults,
    );
    this.marks = {
      min: this.zones.total("min"),
      low: this.zones.total("low"),
      high: this.zones.total("high"),
    };
    this.costs = options.costs ?? desktopCosts;
    const profile = kernelProfiles.require(options.kernel);
    this.profile = options.faults.has("mapUnreadPages") ? { ...profile, unuseMapsUnread: true } : profile;
    this.readahead = new ClusterReadahead(options.pageCluster, options.readaheadState);
    this.vmaReadaheadEnabled = options.vmaReadahead ?? true;
    this.walksPageTables = options.walksPageTables ?? true;
    this.minTtl = options.minTtl ?? 0;
    this.swappiness = options.swappiness;
    this.pageCluster = options.pageCluster;
    this.observer = options.observer;
    this.faults = options.faults;
    this.#owners = options.owners;
    this.log = options.log;
    const { before } = options;
    this.vm = before?.vm ?? zeroVmCounters();
    this.majorFaultLatency = before?.majorFaultLatency ?? new Histogram();
    this.faultTimes = before?.faultTimes ?? new TimeAccount(options.kindOfWait ?? (() => "other"));
    this.psi = before?.psi ?? new Psi(engine);
    this.psi.abandon();
    this.writebackEnded = new WaitQueue(engine, "writeback");
    this.kswapdWait = new WaitQueue(engine, "kswapd_wait");
    this.pfmemallocWait = new WaitQueue(engine, "pfmemalloc_wait");
    this.rstat = new Rstat(processors.count, options.faults.has("exactGroupStatistics"));
    this.dirty = new DirtyPages(this);
    this.batches = new LruBatches(this);
    this.#pageWaiters = new FolioWaitTable(engine);
    this.#policy = reclaimPolicies.require(options.reclaim ?? this.profile.policy);
    this.createGroup("", NO_LIMITS);
    this.zswap = this.#createZswap(options.zswap);
    swap.onRelease = (entry, owner) => {
      if (owner !== 0) unchargeSwap(this, owner);
      if (this.profile.zeromap) this.zeromap.delete(entry);
      this.zswap?.invalidate(entry);
    };
  }

  #createZswap(options: ZswapOptions | undefined): Zswap | undefined {
    if (!options) return undefined;
    const charge: ObjectCharge = {
      charge: (owner, bytes) => chargeObject(this, owner, bytes),
      uncharge: (owner, bytes) => unchargeObject(this, owner, bytes),
    };
    return new Zswap(options, new PoolPages(this), charge, this.faults);
  }

  /** The group that is the machine itself. */
  get root(): MemCgroup {
    return this.groups[0]!;
  }

  /** The group a frame is charged to. */
  groupOf(frame: FrameId): MemCgroup {
    return this.groups[this.frames.group[frame]!]!;
  }

  /** The group that a page of a slot is charged to, whoever brings it in (mem_cgroup_swapin_charge_folio). */
  groupOfSlot(entry: SwapEntry): MemCgroup {
    return this.groups[this.swap.ownerOf(entry)]!;
  }

  /** A new memory cgroup; at most 256 with the root. */
  createGroup(name: string, limits: MemCgroupLimits): MemCgroup {
    const group = new MemCgroup(this.groups.length, name, limits, this.rstat.add());
    assert(group.id < GROUPS_MAX, "a machine has at most 255 memory cgroups");
    group.lruvec = this.#policy.create(this, group);
    this.groups.push(group);
    return group;
  }

  /** A new task with its own memory. */
  createTask(name: string, pages: Pages, options: TaskMemoryOptions = {}): AddressSpace {
    const { group = this.root, compressedSize = () => USUAL_COMPRESSED_SIZE } = options;
    const id = this.tasks.length;
    const stored = this.observer.taskStarted(id, name, pages);
    const task = new AddressSpace(id, name, pages, stored, group, compressedSize);
    this.tasks.push(task);
    this.ownerIds.push(this.#owners.add("memory", `task ${name}`).id);
    return task;
  }

  /** Somebody is going to fork the task. */
  willFork(task: AddressSpace): void {
    task.mmapLock ??= new RwLock(this.engine, `mmap_lock of ${task.name}`);
  }

  /** A file whose pages are kept in memory from now on, each charged to the group of the task that brings it in. */
  cacheFile(backing: FileBacking): FileCache {
    const cache = new FileCache(this.files.length, backing);
    this.files.push(cache);
    return cache;
  }

  /** Slots a group may still take. */
  swapLeft(group: MemCgroup): Pages {
    return Math.min(this.swap.free, group.swapLeft);
  }

  /** Readahead goes by virtual address as long as no rotational area is active (swap_use_vma_readahead). */
  get usesVmaReadahead(): boolean {
    return this.profile.vmaReadahead && this.vmaReadaheadEnabled && this.swap.rotationalAreas === 0;
  }

  /** A task enters handle_mm_fault. */
  noteFault(task: AddressSpace): void {
    this.vm.pgfault++;
    task.faults++;
    task.group.counted.pgfault++;
    this.rstat.updated(1);
  }

  /** A fault had to start a read. */
  noteMajorFault(task: AddressSpace): void {
    this.vm.pgmajfault++;
    task.majorFaults++;
    task.group.counted.pgmajfault++;
    this.rstat.updated(1);
  }

  /** Who waits for the lock of a page. */
  pageWaitQueue(frame: FrameId): WaitQueue {
    return this.#pageWaiters.queue(frame);
  }

  wakePageWaiters(frame: FrameId): void {
    this.#pageWaiters.wake(frame);
  }
}

/** A machine that says nothing of zones has one, all of which is free. */
function onlyZone({ frames, kernel, watermarkScaleFactor, minFree }: MemoryOptions): ZoneSpec {
  const marks = watermarks(kernelProfiles.require(kernel), frames, watermarkScaleFactor, minFree);
  return { name: "Normal", frames, free: frames, marks, lowmemReserve: 0 };
}
