import {
  type Duration,
  type Instant,
  type Pages,
  type Process,
  SECOND,
  WaitQueue,
} from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import type { FileCache } from "./file-cache.ts";
import { flusher } from "./flusher.ts";

/** Shares of what could be dirty: from the first on the flusher works, near the second writers wait (vm.dirty_*ratio, 6.1). */
const BACKGROUND_RATIO = 0.1;
const DIRTY_RATIO = 0.2;
/** A file is written this long after its first page became dirty (vm.dirty_expire_centisecs, 6.1). */
const EXPIRE: Duration = 30 * SECOND;

/** How many file pages of the machine wait to be written (NR_FILE_DIRTY), and what follows from that. */
export class DirtyPages {
  /** Dirty pages that nobody writes at present. */
  waiting: Pages = 0;
  /** Pages that the flusher is writing. */
  underWrite: Pages = 0;
  /** The flusher sleeps here. */
  readonly wanted: WaitQueue;
  /** Writers sleep here until there are fewer dirty pages. */
  readonly throttled: WaitQueue;
  readonly #mm: MemoryManager;
  /** Started by the first dirty page of all. */
  #flusher: Process | undefined;
  /** Pages to write whatever their age, because reclaim found nothing else. */
  #asked: Pages = 0;

  constructor(mm: MemoryManager) {
    this.#mm = mm;
    this.wanted = new WaitQueue(mm.engine, "wb_workfn");
    this.throttled = new WaitQueue(mm.engine, "balance_dirty_pages");
  }

  /** Writers go on below the middle between both limits (dirty_freerun_ceiling). */
  get mustThrottle(): boolean {
    return this.waiting + this.underWrite > this.#share((BACKGROUND_RATIO + DIRTY_RATIO) / 2);
  }

  get isOverBackground(): boolean {
    return this.waiting > this.#share(BACKGROUND_RATIO);
  }

  /** wakeup_flusher_threads: everything that is dirty now is to be written. */
  writeAll(): void {
    this.#asked = this.waiting;
    this.wanted.wakeAll();
  }

  /** The file to write next: the one that became dirty first, if it is time for it. */
  next(): FileCache | undefined {
    let oldest: FileCache | undefined;
    for (const file of this.#mm.files) {
      if (file.dirty > 0 && (!oldest || file.dirtiedAt < oldest.dirtiedAt)) oldest = file;
    }
    if (!oldest) return undefined;
    return this.#asked > 0 || this.isOverBackground || this.expiresAt(oldest) <= this.#mm.engine.now
      ? oldest
      : undefined;
  }

  expiresAt({ dirtiedAt }: FileCache): Instant {
    return dirtiedAt + EXPIRE;
  }

  /** A page became dirty; the first one sets the flusher's clock (wb_wakeup_delayed). */
  dirtied(): void {
    this.#flusher ??= this.#mm.engine.spawn("kworker/flush", flusher(this.#mm), { daemon: true });
    if (this.waiting++ === 0) this.wanted.wakeAll();
    this.#mm.vm.nr_dirtied++;
  }

  /** The write of pages begins. */
  submitted(pages: Pages): void {
    this.waiting -= pages;
    this.underWrite += pages;
    this.#asked = Math.max(0, this.#asked - pages);
  }

  /** The write of pages has ended. */
  written(pages: Pages): void {
    this.underWrite -= pages;
    this.#mm.vm.nr_written += pages;
    if (!this.mustThrottle) this.throttled.wakeAll();
  }

  /** Of the free pages above the reserve and those of files (global_dirtyable_memory). */
  #share(ratio: number): Pages {
    const { zones, marks, files } = this.#mm;
    let cached = 0;
    for (const file of files) cached += file.cached;
    return Math.floor((Math.max(0, zones.free - marks.high) + cached) * ratio);
  }
}
