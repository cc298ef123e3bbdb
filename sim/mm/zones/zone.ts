import type { Pages } from "../../engine/index.ts";
import type { FrameId } from "../frame-table.ts";
import type { Watermarks } from "./watermarks.ts";

/** What a request may do to the free lists: pages that can be moved lie apart from those that cannot. */
export const Mobility = { Movable: 0, Unmovable: 1 } as const;

/** Where the free frames of a zone are kept. */
export interface FrameSource {
  /** Free frames, as the watermarks see them. */
  readonly free: Pages;
  /** Frames that wait on per-CPU lists: neither free nor in use. */
  readonly cached: Pages;
  /** A frame for a request of a mobility; NO_FRAME if there is none. */
  take(mobility: number): FrameId;
  release(frame: FrameId): void;
  /** drain_all_pages: gives back what waits on per-CPU lists. */
  drain(): void;
  /** Broken invariants found by counting everything again. */
  check(): readonly string[];
}

/** A zone of the machine. */
export interface ZoneSpec {
  readonly name: string;
  /** Frames it spans; those that are not free are the kernel's from the start. */
  readonly frames: Pages;
  readonly free: Pages;
  readonly marks: Watermarks;
  /** Frames kept from requests that a higher zone could serve (lowmem_reserve). */
  readonly lowmemReserve: Pages;
  /** Free frames are kept in buddy lists by mobility; left out: any free frame is as good as another. */
  readonly fragmentation?: FragmentationSpec;
}

/** What is free in a zone at the start, for the buddy lists. */
export interface FragmentationSpec {
  /** Free frames of the block that holds the kernel's boot allocations, at the zone's beginning. */
  readonly inBootBlock: Pages;
  /** Free frames in small pieces, spread over blocks that hold the kernel's allocations. */
  readonly inPieces: Pages;
  /** Frames fetched from the buddy lists at a time for a CPU (pcp->batch); 0 for no per-CPU lists. */
  readonly pcpBatch: Pages;
}

/** A range of frames with watermarks of its own (struct zone). */
export class Zone {
  readonly index: number;
  readonly name: string;
  /** First frame, and one past the last. */
  readonly first: FrameId;
  readonly end: FrameId;
  readonly marks: Watermarks;
  readonly lowmemReserve: Pages;
  /** Raises all marks for a while after a request had to break into blocks of another mobility (watermark_boost). */
  boost: Pages = 0;
  /** A request raised the boost; kswapd is to be woken for this zone (ZONE_BOOSTED_WATERMARK). */
  isNewlyBoosted = false;
  /** kswapd works on it, so CPUs keep few of its frames to themselves (ZONE_RECLAIM_ACTIVE). */
  reclaimIsActive = false;
  #source: FrameSource | undefined;

  constructor(index: number, first: FrameId, spec: ZoneSpec) {
    this.index = index;
    this.name = spec.name;
    this.first = first;
    this.end = first + spec.frames;
    this.marks = spec.marks;
    this.lowmemReserve = spec.lowmemReserve;
  }

  get source(): FrameSource {
    return this.#source!;
  }

  set source(source: FrameSource) {
    this.#source = source;
  }

  get free(): Pages {
    return this.source.free;
  }

  /** zone_watermark_ok for order 0 and a request that may use zones up to `highest`. */
  isAbove(mark: keyof Watermarks, highest: number): boolean {
    const reserve = highest > this.index ? this.lowmemReserve : 0;
    return this.free > this.marks[mark] + this.boost + reserve;
  }
}
