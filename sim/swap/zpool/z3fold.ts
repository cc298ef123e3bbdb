import { PAGE_SIZE } from "../../engine/index.ts";
import { BuddiedPages, type Chunks, PAGE_CHUNKS, type PackedPage, type PageKind } from "./buddied-pages.ts";
import type { Handle, PagePort, ZpoolEntry } from "./zpool.ts";

/** Chunks of the header: 88 bytes take two (ZHDR_CHUNKS of mm/z3fold.c, 6.1). */
const HEADER: Chunks = 2;
/** Chunks beside it (NCHUNKS). */
const CHUNKS = PAGE_CHUNKS - HEADER;
/** A middle object moves for a gain of at least so many chunks (BIG_CHUNK_GAP). */
const GAP_WORTH_A_MOVE: Chunks = 3;

/** Names of the places in a page, in the order in which reclaim empties them. */
const PLACES = ["middle", "first", "last"] as const;
type Place = (typeof PLACES)[number];

interface Object3 {
  readonly handle: Handle;
  readonly chunks: Chunks;
}

/**
 * A page with an object at each end and one in the middle (struct z3fold_header). The middle one splits the free
 * space, and only the larger part can be used. An object of nearly a page stands alone and needs no header (HEADLESS).
 */
export class Z3foldPage implements PackedPage {
  readonly #at: Partial<Record<Place, Object3>> = {};
  /** First chunk of the middle object. */
  #startMiddle: Chunks = 0;
  /** Objects that came from another page; it cannot be reclaimed while it has any (foreign_handles). */
  readonly #foreign = new Set<Handle>();

  objects(): readonly Handle[] {
    return PLACES.flatMap((place) => this.#at[place]?.handle ?? []);
  }

  get isReclaimable(): boolean {
    return this.#foreign.size === 0;
  }

  /** num_free_chunks */
  get room(): Chunks {
    const { first, middle, last } = this.#at;
    if (first && middle && last) return 0;
    if (!middle) return CHUNKS - this.#chunks("first") - this.#chunks("last");
    const before = first ? 0 : this.#startMiddle - HEADER;
    const after = last ? 0 : PAGE_CHUNKS - (this.#startMiddle + middle.chunks);
    return Math.max(before, after);
  }

  place(handle: Handle, chunks: Chunks): void {
    const place = this.#freePlace(chunks);
    this.#at[place] = { handle, chunks };
    if (place === "middle") this.#startMiddle = this.#chunks("first") + HEADER;
  }

  /** The object has just been placed and comes from another page. */
  adopt(handle: Handle): void {
    this.#foreign.add(handle);
  }

  remove(handle: Handle): void {
    for (const place of PLACES) if (this.#at[place]?.handle === handle) delete this.#at[place];
    this.#foreign.delete(handle);
  }

  /** z3fold_compact_page: the middle object moves to an end, or next to the object that is left there. */
  compact(): void {
    const { first, middle, last } = this.#at;
    if (!middle) return;
    const afterFirst = HEADER + this.#chunks("first");
    const beforeLast = PAGE_CHUNKS - this.#chunks("last") - middle.chunks;
    if (!first && !last) {
      this.#at.first = middle;
      delete this.#at.middle;
    } else if (first && !last && this.#startMiddle - afterFirst >= GAP_WORTH_A_MOVE) {
      this.#startMiddle = afterFirst;
    } else if (last && !first && beforeLast - this.#startMiddle >= GAP_WORTH_A_MOVE) {
      this.#startMiddle = beforeLast;
    }
  }

  /** get_free_buddy */
  #freePlace(chunks: Chunks): Place {
    const { first, middle, last } = this.#at;
    if (middle) return !first && chunks <= this.#startMiddle - HEADER ? "first" : "last";
    if (!first) return "first";
    return last ? "middle" : "last";
  }

  #chunks(place: Place): Chunks {
    return this.#at[place]?.chunks ?? 0;
  }
}

const kind: PageKind<Z3foldPage> = {
  create: () => new Z3foldPage(),
  largest: PAGE_SIZE,
  isReclaimable: (page) => page.isReclaimable,
};

/** Pages with a place freed are compacted at once; the kernel's worker does it before anyone can use the page. */
class Z3fold extends BuddiedPages<Z3foldPage> {
  constructor(port: PagePort) {
    super(port, kind);
  }

  /** do_compact_page: the last object of a page moves to another page if one has room, otherwise the page closes up. */
  protected override settle(page: Z3foldPage): void {
    const [handle, second] = page.objects();
    const other =
      handle !== undefined && second === undefined && page.isReclaimable
        ? this.takePageWithRoom(this.chunksOf.get(handle)!)
        : undefined;
    if (!other) {
      page.compact();
      this.offer(page);
      return;
    }
    page.remove(handle!);
    this.put(other, handle!);
    other.adopt(handle!);
    this.release(page);
  }
}

export const z3fold: ZpoolEntry = {
  name: "z3fold",
  summary: "Three compressed pages to a page; its oldest page can be emptied.",
  source: "mm/z3fold.c, Linux 6.1",
  parameters: {},
  create: (port) => new Z3fold(port),
};
