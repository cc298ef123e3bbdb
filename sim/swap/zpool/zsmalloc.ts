import { assert, type Bytes, type Pages } from "../../engine/index.ts";
import { type Handle, NO_HANDLE, type PagePort, type Zpool, type ZpoolEntry } from "./zpool.ts";

const PAGE: Bytes = 4096;
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
    const total = pages * PAGE;
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
  for (let bytes = PAGE; bytes >= SMALLEST; bytes -= DELTA) {
    const pages = pagesPerZspage(bytes);
    const objects = Math.floor((pages * PAGE) / bytes);
    const last = classes.at(-1);
    if (last && last.pages === pages && last.objects === objects) continue;
    classes.push({ bytes, pages, objects });
  }
  return classes.reverse();
}

interface Zspage {
  readonly room: ClassPages;
  used: number;
}

class ClassPages {
  readonly shape: SizeClass;
  /** Groups of pages with a free place. */
  readonly partial = new Set<Zspage>();

  constructor(shape: SizeClass) {
    this.shape = shape;
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
    const room = this.#classes.find(({ shape }) => shape.bytes >= Math.min(needed, PAGE));
    if (!room || bytes > PAGE) return NO_HANDLE;
    const zspage = this.#place(room);
    if (!zspage) return NO_HANDLE;
    if (++zspage.used === room.shape.objects) room.partial.delete(zspage);
    else room.partial.add(zspage);
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
    if (zspage.used > 0) {
      room.partial.add(zspage);
      return;
    }
    room.partial.delete(zspage);
    for (let page = 0; page < room.shape.pages; page++) this.#port.give();
    this.pages -= room.shape.pages;
  }

  oldest(): readonly Handle[] {
    return [];
  }

  #place(room: ClassPages): Zspage | undefined {
    for (const zspage of room.partial) return zspage;
    for (let page = 0; page < room.shape.pages; page++) {
      if (this.#port.take()) continue;
      for (; page > 0; page--) this.#port.give();
      return undefined;
    }
    this.pages += room.shape.pages;
    return { room, used: 0 };
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
