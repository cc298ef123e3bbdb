import { type Actor, assert, type Bytes, type Pages } from "../../engine/index.ts";
import { type Evict, type Handle, NO_MEMORY, type PagePort, TOO_LARGE, type Zpool } from "./zpool.ts";

/** Bytes of the unit in which these allocators deal (CHUNK_SIZE, 4 KiB / 64, 6.1). */
const CHUNK: Bytes = 64;
/** Pages that one run tries to empty (zbud_zpool_shrink, z3fold_zpool_shrink, 6.1). */
const RETRIES = 8;
/** A number of such units. */
export type Chunks = number;
/** Chunks of a page (TOTAL_CHUNKS, 6.1). */
export const PAGE_CHUNKS: Chunks = 64;

/** A page that holds a few objects, at places of its own choice. */
export interface PackedPage {
  /** Its objects in the order in which reclaim evicts them. */
  objects(): readonly Handle[];
  /** Size of the largest object that still has a place; none with 0 or less. */
  readonly room: Chunks;
  /** Puts an object no larger than `room`, or the first one. */
  place(handle: Handle, chunks: Chunks): void;
  remove(handle: Handle): void;
}

/** What distinguishes the allocators of this kind. */
export interface PageKind<Page extends PackedPage> {
  create(): Page;
  /** Bytes of the largest object. */
  readonly largest: Bytes;
  /** May reclaim take this page now? */
  isReclaimable(page: Page): boolean;
}

/**
 * A few objects to a page: what zbud (two) and z3fold (three) have in common. A new object goes to the page that has
 * just enough room, the one that got its room last; a page's age counts from its last object.
 */
export class BuddiedPages<Page extends PackedPage> implements Zpool {
  readonly isEvictable = true;
  readonly #port: PagePort;
  readonly #kind: PageKind<Page>;
  protected readonly pageOf: Map<Handle, Page> = new Map<Handle, Page>();
  protected readonly chunksOf: Map<Handle, Chunks> = new Map<Handle, Chunks>();
  /** Pages with room, by free chunks; the last of each list is taken first. */
  readonly #withRoom: Page[][] = Array.from({ length: PAGE_CHUNKS }, () => []);
  /** In which of these lists a page is. */
  readonly #listed = new Map<Page, Chunks>();
  /** All pages but the one under reclaim, oldest first. */
  readonly #byAge = new Set<Page>();
  #underReclaim: Page | undefined;
  #nextHandle = 0;

  constructor(port: PagePort, kind: PageKind<Page>) {
    this.#port = port;
    this.#kind = kind;
  }

  get pages(): Pages {
    return this.#byAge.size + (this.#underReclaim ? 1 : 0);
  }

  allocate(bytes: Bytes): Handle {
    if (bytes <= 0 || bytes > this.#kind.largest) return TOO_LARGE;
    const chunks = Math.ceil(bytes / CHUNK);
    const page = this.takePageWithRoom(chunks) ?? this.#newPage();
    if (!page) return NO_MEMORY;
    const handle = this.#nextHandle++;
    this.chunksOf.set(handle, chunks);
    this.put(page, handle);
    this.#makeYoungest(page);
    return handle;
  }

  free(handle: Handle): void {
    const page = this.pageOf.get(handle);
    assert(page !== undefined, "a freed object was allocated");
    this.pageOf.delete(handle);
    this.chunksOf.delete(handle);
    page.remove(handle);
    if (page === this.#underReclaim) return;
    this.#withdraw(page);
    if (page.objects().length === 0) this.release(page);
    else this.settle(page);
  }

  /**
   * zbud_reclaim_page, z3fold_reclaim_page: the first object that stays ends the attempt; the page counts as young again,
   * and the next one is tried.
   */
  *shrink(evict: Evict): Actor<boolean> {
    assert(this.#underReclaim === undefined, "one page of a pool at a time is reclaimed");
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      const page = this.#oldest();
      if (!page) return false;
      this.#underReclaim = page;
      this.#byAge.delete(page);
      this.#withdraw(page);
      for (const handle of page.objects()) {
        // Somebody else may have freed it meanwhile.
        if (this.pageOf.get(handle) === page && !(yield* evict(handle))) break;
      }
      this.#underReclaim = undefined;
      if (page.objects().length === 0) {
        this.release(page);
        return true;
      }
      this.offer(page);
      this.#makeYoungest(page);
    }
    return false;
  }

  #oldest(): Page | undefined {
    for (const page of this.#byAge) if (this.#kind.isReclaimable(page)) return page;
    return undefined;
  }

  #makeYoungest(page: Page): void {
    this.#byAge.delete(page);
    this.#byAge.add(page);
  }

  /** The page goes on without an object that was freed. */
  protected settle(page: Page): void {
    this.offer(page);
  }

  /** The page with just enough room; it is in no list until it is offered again. */
  protected takePageWithRoom(chunks: Chunks): Page | undefined {
    for (let room = chunks; room < PAGE_CHUNKS; room++) {
      const page = this.#withRoom[room]!.pop();
      if (!page) continue;
      this.#listed.delete(page);
      return page;
    }
    return undefined;
  }

  /** An object of known size gets its place in the page, which is offered with the room that is left. */
  protected put(page: Page, handle: Handle): void {
    page.place(handle, this.chunksOf.get(handle)!);
    this.pageOf.set(handle, page);
    this.offer(page);
  }

  protected offer(page: Page): void {
    if (page.room <= 0) return;
    this.#withRoom[page.room]!.push(page);
    this.#listed.set(page, page.room);
  }

  protected release(page: Page): void {
    this.#byAge.delete(page);
    this.#port.give();
  }

  #newPage(): Page | undefined {
    if (!this.#port.take()) return undefined;
    const page = this.#kind.create();
    this.#byAge.add(page);
    return page;
  }

  #withdraw(page: Page): void {
    const room = this.#listed.get(page);
    if (room === undefined) return;
    this.#listed.delete(page);
    const list = this.#withRoom[room]!;
    list.splice(list.lastIndexOf(page), 1);
  }
}
