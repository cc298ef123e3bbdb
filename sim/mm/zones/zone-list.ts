import { assert, type Pages } from "../../engine/index.ts";
import { type FrameId, type FrameTable, NO_FRAME, PG } from "../frame-table.ts";
import { BuddySource } from "./buddy-source.ts";
import { PerCpuLists } from "./per-cpu-lists.ts";
import { PlainSource } from "./plain-source.ts";
import type { Watermarks } from "./watermarks.ts";
import { Zone, type ZoneSpec } from "./zone.ts";

/** Pages that are taken at one time at most, by all actors of an explored machine together. An estimate. */
const CROWD: Pages = 32;

/** The zones of a machine, lowest first (struct pglist_data). */
export class ZoneList {
  readonly zones: readonly Zone[];
  readonly #frames: FrameTable;
  /** Index of the highest zone: every request of a task may use all of them. */
  readonly highest: number;
  #last = 0;
  /**
   * Called when a frame is taken or given back while memory is short, or pages leave their lists together; for whoever
   * wants to know what steps share.
   */
  onShort: ((what: "frame" | "lists") => void) | undefined;
  /** Above it there is enough for all who take one at a time, in whatever order. */
  readonly #plenty: Pages;

  constructor(
    frames: FrameTable,
    specs: readonly ZoneSpec[],
    cpus: number,
    faults: ReadonlySet<string> = new Set(),
  ) {
    this.#frames = frames;
    let first = 0;
    this.zones = specs.map((spec, index) => {
      const zone = new Zone(index, first, spec);
      first = zone.end;
      openSource(frames, zone, spec, cpus, !faults.has("noWatermarkBoost"));
      return zone;
    });
    assert(first === frames.frames, "zones span all frames");
    this.highest = specs.length - 1;
    this.#plenty = this.total("high") + CROWD;
  }

  /** Free frames of all zones. */
  get free(): Pages {
    let free = 0;
    for (const zone of this.zones) free += zone.free;
    return free;
  }

  /** Frames that wait on per-CPU lists. */
  get cached(): Pages {
    let cached = 0;
    for (const { source } of this.zones) cached += source.cached;
    return cached;
  }

  /** Marks of all zones together, boosts left out. */
  total(mark: keyof Watermarks): Pages {
    let pages = 0;
    for (const { marks } of this.zones) pages += marks[mark];
    return pages;
  }

  /** The zone of a frame. */
  indexOf(frame: FrameId): number {
    let index = 0;
    while (frame >= this.zones[index]!.end) index++;
    return index;
  }

  /** The zone that served the last request. */
  get lastZone(): Zone {
    return this.zones[this.#last]!;
  }

  /**
   * get_page_from_freelist: from the highest zone that is above its mark; NO_FRAME if none is. Whoever frees memory may
   * go below all marks (PF_MEMALLOC): "none".
   */
  take(mark: "low" | "min" | "none", mobility: number): FrameId {
    this.tellIfShort("frame");
    for (let index = this.highest; index >= 0; index--) {
      const zone = this.zones[index]!;
      if (mark !== "none" && !zone.isAbove(mark, this.highest)) continue;
      const frame = zone.source.take(mobility);
      if (frame === NO_FRAME) continue;
      this.#frames.handOut(frame);
      this.#last = index;
      return frame;
    }
    return NO_FRAME;
  }

  release(frame: FrameId): void {
    this.tellIfShort("frame");
    this.#frames.takeBack(frame);
    this.zones[this.indexOf(frame)]!.source.release(frame);
  }

  tellIfShort(what: "frame" | "lists"): void {
    if (this.onShort && this.free <= this.#plenty) this.onShort(what);
  }

  /** drain_all_pages. */
  drain(): void {
    for (const { source } of this.zones) source.drain();
  }

  /** pgdat_balanced: one of the zones up to `index` is above its high mark. */
  isBalanced(index: number): boolean {
    for (let zone = 0; zone <= index; zone++) if (this.zones[zone]!.isAbove("high", index)) return true;
    return false;
  }

  /** One of the zones up to `index` is boosted (pgdat_watermark_boosted). */
  isBoosted(index: number): boolean {
    for (let zone = 0; zone <= index; zone++) if (this.zones[zone]!.boost > 0) return true;
    return false;
  }

  check(): readonly string[] {
    return this.zones.flatMap(({ source }) => source.check());
  }
}

function openSource(frames: FrameTable, zone: Zone, spec: ZoneSpec, cpus: number, boosts: boolean): void {
  const { fragmentation } = spec;
  if (!fragmentation) {
    // What is not free is the kernel's and lies below.
    const firstFree = zone.end - spec.free;
    for (let frame = zone.first; frame < firstFree; frame++) frames.set(frame, PG.Allocated);
    zone.source = new PlainSource(frames, firstFree, zone.end);
    return;
  }
  const buddy = new BuddySource(frames, zone, boosts);
  for (let frame = zone.first; frame < zone.end; frame++) {
    frames.set(frame, PG.Allocated);
    frames.entry[frame] = -1;
  }
  buddy.populate(spec.free, fragmentation);
  zone.source =
    fragmentation.pcpBatch > 0 ? new PerCpuLists(buddy, zone, fragmentation.pcpBatch, cpus) : buddy;
}
