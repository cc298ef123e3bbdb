import { type Actor, assert, type Bytes, type Pages } from "../../engine/index.ts";
import { type Evict, type Handle, NO_MEMORY, type PagePort, TOO_LARGE, type Zpool } from "./zpool.ts";

const PAGE: Bytes = 4096;
/** Bytes of the unit in which these allocators deal (CHUNK_SIZE, 6.1). */
const CHUNK: Bytes = 64;
const CHUNKS_PER_PAGE = PAGE / CHUNK;
/** Pages that one run tries to empty (zbud_zpool_shrink, z3fold_zpool_shrink, 6.1). */
const RETRIES = 8;

/** How an allocator of this kind packs. */
export interface BuddiedShape {
  /** Objects to a page. */
  readonly objectsMax: number;
  /** Chunks that the header of a page takes. */
  readonly headerChunks: number;
  /** An object that leaves less than a chunk free gets a page without a header (z3fold), or is refused (zbud). */
  readonly headless: boolean;
}

interface PackedPage {
  /** Objects in it, and their chunks together. */
  readonly objects: Set<Handle>;
  used: number;
  /** It is being emptied: nothing new comes in, and it is given back by whoever empties it. */
  underReclaim: boolean;
}

/**
 * A few objects to a page: what zbud (two) and z3fold (three) have in common. A new object goes to the page that has
 * just enough room, the one that got its room last; a page's age counts from its last object.
 */
export class BuddiedPages implements Zpool {
  readonly isEvictable = true;
  readonly #port: PagePort;
  readonly #shape: BuddiedShape;
  /** Chunks for objects in a page with a header (NCHUNKS). */
  readonly #chunks: number;
  readonly #pageOf = new Map<Handle, PackedPage>();
  readonly #chunksOf = new Map<Handle, number>();
  /** Pages with room, by free chunks; the last of each list is taken first. */
  readonly #withRoom: PackedPage[][];
  /** All pages that are not being emptied, oldest first. */
  readonly #byAge = new Set<PackedPage>();
  pages: Pages = 0;
  #nextHandle = 0;

  constructor(port: PagePort, shape: BuddiedShape) {
    this.#port = port;
    this.#shape = shape;
    this.#chunks = CHUNKS_PER_PAGE - shape.headerChunks;
    this.#withRoom = Array.from({ length: this.#chunks + 1 }, () => []);
  }

  allocate(bytes: Bytes): Handle {
    const chunks = Math.ceil(bytes / CHUNK);
    const fillsPage = chunks >= this.#chunks;
    if (bytes <= 0 || bytes > PAGE || (fillsPage && !this.#shape.headless)) return TOO_LARGE;
    const page = fillsPage ? this.#newPage() : (this.#pageWithRoom(chunks) ?? this.#newPage());
    if (!page) return NO_MEMORY;
    const handle = this.#nextHandle++;
    page.objects.add(handle);
    page.used += Math.min(chunks, this.#chunks);
    this.#pageOf.set(handle, page);
    this.#chunksOf.set(handle, Math.min(chunks, this.#chunks));
    this.#offerRoom(page);
    this.#makeYoungest(page);
    return handle;
  }

  free(handle: Handle): void {
    const page = this.#pageOf.get(handle);
    const chunks = this.#chunksOf.get(handle);
    assert(page !== undefined && chunks !== undefined, "a freed object was allocated");
    this.#pageOf.delete(handle);
    this.#chunksOf.delete(handle);
    this.#withdrawRoom(page);
    page.objects.delete(handle);
    page.used -= chunks;
    if (page.underReclaim) return;
    if (page.objects.size > 0) this.#offerRoom(page);
    else this.#give(page);
  }

  /** zbud_reclaim_page: a page that could not be emptied counts as young again, and the next one is tried. */
  *shrink(evict: Evict): Actor<boolean> {
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      const [page] = this.#byAge;
      if (!page) return false;
      this.#withdrawRoom(page);
      this.#byAge.delete(page);
      page.underReclaim = true;
      for (const handle of [...page.objects]) {
        if (page.objects.has(handle) && !(yield* evict(handle))) break;
      }
      page.underReclaim = false;
      if (page.objects.size === 0) {
        this.#give(page);
        return true;
      }
      this.#offerRoom(page);
      this.#makeYoungest(page);
    }
    return false;
  }

  #pageWithRoom(chunks: number): PackedPage | undefined {
    for (let room = chunks; room < this.#withRoom.length; room++) {
      const page = this.#withRoom[room]!.pop();
      if (page) return page;
    }
    return undefined;
  }

  #newPage(): PackedPage | undefined {
    if (!this.#port.take()) return undefined;
    this.pages++;
    return { objects: new Set<Handle>(), used: 0, underReclaim: false };
  }

  #give(page: PackedPage): void {
    this.#byAge.delete(page);
    this.pages--;
    this.#port.give();
  }

  #makeYoungest(page: PackedPage): void {
    this.#byAge.delete(page);
    this.#byAge.add(page);
  }

  #offerRoom(page: PackedPage): void {
    const room = this.#chunks - page.used;
    if (page.objects.size < this.#shape.objectsMax && room > 0) this.#withRoom[room]!.push(page);
  }

  #withdrawRoom(page: PackedPage): void {
    const list = this.#withRoom[this.#chunks - page.used]!;
    const index = list.lastIndexOf(page);
    if (index >= 0) list.splice(index, 1);
  }
}
