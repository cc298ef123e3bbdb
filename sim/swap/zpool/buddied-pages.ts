import { assert, type Bytes, type Pages } from "../../engine/index.ts";
import { type Handle, NO_HANDLE, type PagePort, type Zpool } from "./zpool.ts";

/** Bytes of the unit in which these allocators deal (CHUNK_SIZE, 4 KiB / 64, 6.1). */
const CHUNK: Bytes = 64;
/** Chunks of a page that are left beside its header (NCHUNKS, 6.1). */
export const CHUNKS = 63;

interface PackedPage {
  /** Objects in it, and their chunks together. */
  readonly objects: Set<Handle>;
  used: number;
}

/**
 * A few objects to a page: what zbud (two) and z3fold (three) have in common. A new object goes to the page that has
 * just enough room, the one that got its room last; a page's age counts from its last object.
 */
export class BuddiedPages implements Zpool {
  readonly isEvictable = true;
  readonly #port: PagePort;
  readonly #objectsMax: number;
  readonly #chunksMax: number;
  readonly #pageOf = new Map<Handle, PackedPage>();
  readonly #chunksOf = new Map<Handle, number>();
  /** Pages with room, by free chunks; the last of each list is taken first. */
  readonly #withRoom: PackedPage[][] = Array.from({ length: CHUNKS + 1 }, () => []);
  /** All pages, oldest first. */
  readonly #byAge = new Set<PackedPage>();
  #nextHandle = 0;

  /** `objectsMax` objects to a page, each of at most `chunksMax` chunks. */
  constructor(port: PagePort, objectsMax: number, chunksMax: number) {
    this.#port = port;
    this.#objectsMax = objectsMax;
    this.#chunksMax = chunksMax;
  }

  get pages(): Pages {
    return this.#byAge.size;
  }

  allocate(bytes: Bytes): Handle {
    const chunks = Math.ceil(bytes / CHUNK);
    if (bytes <= 0 || chunks > this.#chunksMax) return NO_HANDLE;
    const page = this.#pageWithRoom(chunks) ?? this.#newPage();
    if (!page) return NO_HANDLE;
    const handle = this.#nextHandle++;
    page.objects.add(handle);
    page.used += chunks;
    this.#pageOf.set(handle, page);
    this.#chunksOf.set(handle, chunks);
    this.#offerRoom(page);
    this.#byAge.delete(page);
    this.#byAge.add(page);
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
    if (page.objects.size > 0) {
      this.#offerRoom(page);
      return;
    }
    this.#byAge.delete(page);
    this.#port.give();
  }

  oldest(): readonly Handle[] {
    for (const { objects } of this.#byAge) return [...objects];
    return [];
  }

  #pageWithRoom(chunks: number): PackedPage | undefined {
    for (let room = chunks; room <= CHUNKS; room++) {
      const page = this.#withRoom[room]!.pop();
      if (page) return page;
    }
    return undefined;
  }

  #newPage(): PackedPage | undefined {
    if (!this.#port.take()) return undefined;
    const page = { objects: new Set<Handle>(), used: 0 };
    this.#byAge.add(page);
    return page;
  }

  #offerRoom(page: PackedPage): void {
    if (page.objects.size < this.#objectsMax) this.#withRoom[CHUNKS - page.used]!.push(page);
  }

  #withdrawRoom(page: PackedPage): void {
    const list = this.#withRoom[CHUNKS - page.used]!;
    const index = list.lastIndexOf(page);
    if (index >= 0) list.splice(index, 1);
  }
}
