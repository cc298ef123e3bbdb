import { type Actor, assert, type Bytes, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import { type Handle, NO_MEMORY, type PagePort, TOO_LARGE, type Zpool, type ZpoolEntry } from "./zpool.ts";

/** Smallest object, and the distance of size classes (ZS_MIN_ALLOC_SIZE, ZS_SIZE_CLASS_DELTA, 6.1). */
const SMALLEST: Bytes = 32;
const DELTA: Bytes = 16;
/** Pages of a zspage at most (ZS_MAX_PAGES_PER_ZSPAGE, 6.1). */
const ZSPAGE_PAGES_MAX = 4;
/** Each object carries its handle (ZS_HANDLE_SIZE, 6.1). */
const HANDLE_BYTES: Bytes = 8;

/** Objects of one size share groups of pages of one length. */
export interface SizeClass {
  readonly bytes: Bytes;
  readonly pages: Pages;
  readonly objects: number;
}

/** get_pages_per_zspage: the length that wastes the smallest share. */
function pagesPerZspage(bytes: Bytes): Pages {
  let best = 1;
  let bestShare = 0;
  for (let pages = 1; pages <= ZSPAGE_PAGES_MAX; pages++) {
    const total = pages * PAGE_SIZE;
    const share = Math.floor(((total - (total % bytes)) * 100) / total);
    if (share > bestShare) {
      best = pages;
      bestShare = share;
    }
  }
  return best;
}

/** Size classes from the largest down; neighbours with the same shape are one class, the larger one. */
export function sizeClasses(): readonly SizeClass[] {
  const classes: SizeClass[] = [];
  for (let bytes = PAGE_SIZE; bytes >= SMALLEST; bytes -= DELTA) {
    const pages = pagesPerZspage(bytes);
    const objects = Math.floor((pages * PAGE_SIZE) / bytes);
    const last = classes.at(-1);
    if (last && last.pages === pages && last.objects === objects) continue;
    classes.push({ bytes, pages, objects });
  }
  return classes.reverse();
}

interface Zspage {
  readonly room: ClassPages;
  used: number;
  fullness: Fullness;
}

/** enum fullness_group. A new or empty zspage is on no list. */
type Fullness = "none" | "almostEmpty" | "almostFull" | "full";

/** The zspages of one size class that have a free place, the first of each list to be filled first. */
class ClassPages {
  readonly shape: SizeClass;
  readonly #lists: Readonly<Record<"almostEmpty" | "almostFull", Zspage[]>> = {
    almostEmpty: [],
    almostFull: [],
  };

  constructor(shape: SizeClass) {
    this.shape = shape;
  }

  /** find_get_zspage: fuller ones first, so that pages come free elsewhere. */
  first(): Zspage | undefined {
    return this.#lists.almostFull[0] ?? this.#lists.almostEmpty[0];
  }

  /** fix_fullness_group: a zspage changes its list only when it changes its group. */
  fix(zspage: Zspage): void {
    const fullness = this.#fullnessOf(zspage);
    if (fullness === zspage.fullness) return;
    const from = this.#listOf(zspage.fullness);
    from?.splice(from.indexOf(zspage), 1);
    zspage.fullness = fullness;
    const to = this.#listOf(fullness);
    // insert_zspage: in front, or right behind a first one that is fuller.
    if (to) to.splice(to[0] && zspage.used < to[0].used ? 1 : 0, 0, zspage);
  }

  /** get_fullness_group; the border is at three quarters (fullness_threshold_frac). */
  #fullnessOf({ used }: Zspage): Fullness {
    const { objects } = this.shape;
    if (used === 0) return "none";
    if (used === objects) return "full";
    return used <= Math.floor((3 * objects) / 4) ? "almostEmpty" : "almostFull";
  }

  #listOf(fullness: Fullness): Zspage[] | undefined {
    return fullness === "almostEmpty" || fullness === "almostFull" ? this.#lists[fullness] : undefined;
  }
}

/** zsmalloc: objects of one size class fill groups of one to four pages without a gap. */
class Zsmalloc implements Zpool {
  readonly isEvictable = false;
  pages: Pages = 0;
  readonly #port: PagePort;
  readonly #classes = sizeClasses().map((shape) => new ClassPages(shape));
  readonly #zspageOf = new Map<Handle, Zspage>();
  #nextHandle = 0;

  constructor(port: PagePort) {
    this.#port = port;
  }

  allocate(bytes: Bytes): Handle {
    const needed = Math.max(bytes + HANDLE_BYTES, SMALLEST);
    // An object of a whole page has its handle elsewhere.
    const room = this.#classes.find(({ shape }) => shape.bytes >= Math.min(needed, PAGE_SIZE));
    if (!room || bytes > PAGE_SIZE) return TOO_LARGE;
    const zspage = room.first() ?? this.#newZspage(room);
    if (!zspage) return NO_MEMORY;
    zspage.used++;
    room.fix(zspage);
    const handle = this.#nextHandle++;
    this.#zspageOf.set(handle, zspage);
    return handle;
  }

  free(handle: Handle): void {
    const zspage = this.#zspageOf.get(handle);
    assert(zspage !== undefined, "a freed object was allocated");
    this.#zspageOf.delete(handle);
    const { room } = zspage;
    zspage.used--;
    room.fix(zspage);
    if (zspage.used > 0) return;
    for (let page = 0; page < room.shape.pages; page++) this.#port.give();
    this.pages -= room.shape.pages;
  }

  /** Nothing can be evicted from it (it has no evict in 6.1). */
  *shrink(): Actor<boolean> {
    return false;
  }

  #newZspage(room: ClassPages): Zspage | undefined {
    for (let page = 0; page < room.shape.pages; page++) {
      if (this.#port.take()) continue;
      for (; page > 0; page--) this.#port.give();
      return undefined;
    }
    this.pages += room.shape.pages;
    return { room, used: 0, fullness: "none" };
  }
}

export const zsmalloc: ZpoolEntry = {
  name: "zsmalloc",
  summary:
    "Size classes packed without gaps into groups of pages; dense, but nothing can be evicted from it.",
  source: "mm/zsmalloc.c, Linux 6.1",
  parameters: {},
  create: (port) => new Zsmalloc(port),
};
