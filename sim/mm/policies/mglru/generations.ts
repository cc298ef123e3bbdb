import { fail, type Instant, type Pages } from "../../../engine/index.ts";
import { type FrameId, type FrameTable, PG } from "../../frame-table.ts";
import { LruLists } from "../../lru-lists.ts";
import type { ZoneList } from "../../zones/zone-list.ts";

/** Generations that exist at least, and at most (MIN_NR_GENS, MAX_NR_GENS, 6.1). */
export const MIN_NR_GENS = 2;
export const MAX_NR_GENS = 4;

/** Types of pages; the order in which the kernel numbers them. */
export const ANON = 0;
export const FILE = 1;
export type PageType = typeof ANON | typeof FILE;
export const TYPES: readonly PageType[] = [ANON, FILE];

/**
 * Generation byte of a frame: generation + 1 (0: none) in bits 0 .. 2, references beyond two in bits 3 and 4, generation
 * of the list it hangs in in bits 5 and 6.
 */
const GEN_MASK = 0x07;
const REFS_SHIFT = 3;
const REFS_MASK = 0x18;
const REFS_MAX = 3;
const LIST_SHIFT = 5;
const LIST_MASK = 0x60;

/** Generation by its sequence number. */
export const genOf = (seq: number): number => seq % MAX_NR_GENS;

/**
 * The generations of one group (struct lru_gen_folio). A page's generation is a number of its own; the list it hangs
 * in may lag behind and is put right when the page is met at a tail.
 *
 * Invariant: the sizes count pages on lists by their number.
 */
export class Generations {
  readonly frames: FrameTable;
  /** Youngest generation. */
  maxSeq = 3;
  /** Oldest generation by type. */
  readonly minSeq: [number, number] = [0, 0];
  /** When each generation began (lrugen->timestamps). */
  readonly #bornAt: Instant[];
  readonly #zones: ZoneList;
  readonly #lists: LruLists;
  readonly #sizes = new Float64Array(MAX_NR_GENS * 2);

  /** Its first generations are born `now`. */
  constructor(frames: FrameTable, zones: ZoneList, now: Instant) {
    this.#bornAt = Array<Instant>(MAX_NR_GENS).fill(now);
    this.frames = frames;
    this.#zones = zones;
    this.#lists = new LruLists(frames, MAX_NR_GENS * 2 * zones.zones.length, zones);
  }

  typeOf(frame: FrameId): PageType {
    return this.frames.isFile(frame) ? FILE : ANON;
  }

  /** A new youngest generation begins (the end of inc_max_seq). */
  open(now: Instant): void {
    this.maxSeq++;
    this.#bornAt[genOf(this.maxSeq)] = now;
  }

  /** When the oldest generation began; the kernel asks for that of file pages. */
  get oldestBornAt(): Instant {
    return this.#bornAt[genOf(this.minSeq[FILE])]!;
  }

  /** Number of generations of a type (get_nr_gens). */
  count(type: PageType): number {
    return this.maxSeq - this.minSeq[type] + 1;
  }

  /** Generation number of a page; -1 while it is on no list. */
  generationOf(frame: FrameId): number {
    return (this.frames.generation[frame]! & GEN_MASK) - 1;
  }

  /** Accesses beyond two (the counter of folio_lru_refs). */
  refsOf(frame: FrameId): number {
    return (this.frames.generation[frame]! & REFS_MASK) >> REFS_SHIFT;
  }

  setRefs(frame: FrameId, refs: number): void {
    const { generation } = this.frames;
    generation[frame] = (generation[frame]! & ~REFS_MASK) | (Math.min(refs, REFS_MAX) << REFS_SHIFT);
  }

  /** All that is known about accesses is forgotten. */
  clearRefs(frame: FrameId): void {
    this.frames.generation[frame]! &= ~REFS_MASK;
    this.frames.clear(frame, PG.Referenced | PG.Workingset);
  }

  /** lru_gen_add_folio: by its flags a page starts young or old. */
  add(frame: FrameId, toTail: boolean): void {
    const type = this.typeOf(frame);
    const gen = genOf(this.#seqFor(frame, type, toTail));
    this.frames.clear(frame, PG.Active);
    this.#setNumber(frame, gen);
    this.#sizes[gen * 2 + type]!++;
    this.#hang(frame, gen, type, toTail);
  }

  #seqFor(frame: FrameId, type: PageType, toTail: boolean): number {
    const { frames, maxSeq } = this;
    const min = this.minSeq[type];
    if (frames.has(frame, PG.Active)) return maxSeq;
    const isOut = frames.has(frame, PG.Reclaim) && frames.has(frame, PG.Dirty | PG.Writeback);
    if ((type === ANON && !frames.has(frame, PG.SwapCache)) || isOut) return maxSeq - 1;
    return toTail || min + MIN_NR_GENS >= maxSeq ? min : min + 1;
  }

  /** lru_gen_del_folio. A page of the two youngest generations is active, unless reclaim takes it. */
  remove(frame: FrameId, reclaiming: boolean): void {
    const type = this.typeOf(frame);
    const gen = this.generationOf(frame);
    if (gen < 0) fail("a page that leaves its generation has one");
    this.#lists.remove(this.#listOf(frame), frame);
    this.#sizes[gen * 2 + type]!--;
    const active = !reclaiming && this.isActive(gen);
    if (active) this.frames.set(frame, PG.Active);
    else this.frames.clear(frame, PG.Active);
    this.frames.generation[frame]! &= ~GEN_MASK;
  }

  isActive(gen: number): boolean {
    return gen === genOf(this.maxSeq) || gen === genOf(this.maxSeq - 1);
  }

  /** folio_update_gen, folio_inc_gen: the page's number changes, the list stays behind. */
  renumber(frame: FrameId, gen: number): void {
    const type = this.typeOf(frame);
    this.#sizes[this.generationOf(frame) * 2 + type]!--;
    this.#sizes[gen * 2 + type]!++;
    this.#setNumber(frame, gen);
  }

  /** The page goes to the list of its number. */
  sort(frame: FrameId, toTail: boolean): void {
    this.#lists.remove(this.#listOf(frame), frame);
    this.#hang(frame, this.generationOf(frame), this.typeOf(frame), toTail);
  }

  /** List of a generation, type and zone. */
  listNumber(gen: number, type: PageType, zone: number): number {
    return zone * MAX_NR_GENS * 2 + gen * 2 + type;
  }

  /** No list of the generation and type has pages, whatever their numbers. */
  isEmpty(gen: number, type: PageType): boolean {
    for (let zone = 0; zone <= this.#zones.highest; zone++) {
      if (!this.isListEmpty(this.listNumber(gen, type, zone))) return false;
    }
    return true;
  }

  last(list: number): FrameId {
    return this.#lists.last(list);
  }

  isListEmpty(list: number): boolean {
    return this.#lists.size(list) === 0;
  }

  /** Pages of a generation and type, by their numbers. */
  size(gen: number, type: PageType): Pages {
    return this.#sizes[gen * 2 + type]!;
  }

  totalOf(type: PageType): Pages {
    let pages = 0;
    for (let gen = 0; gen < MAX_NR_GENS; gen++) pages += this.size(gen, type);
    return pages;
  }

  check(): readonly string[] {
    const broken: string[] = [];
    const counted = new Float64Array(MAX_NR_GENS * 2);
    for (let list = 0; list < MAX_NR_GENS * 2 * this.#zones.zones.length; list++) {
      const walked = this.#lists.countByWalking(list);
      if (walked !== this.#lists.size(list)) {
        broken.push(`generation list ${list} holds ${walked} frames and says ${this.#lists.size(list)}`);
      }
      for (let frame = this.#lists.last(list); frame >= 0; frame = this.frames.previous[frame]!) {
        counted[this.generationOf(frame) * 2 + this.typeOf(frame)]!++;
        if (this.#listOf(frame) !== list)
          broken.push(`frame ${frame} hangs in generation list ${list} and names another`);
      }
    }
    counted.forEach((pages, index) => {
      if (pages === this.#sizes[index]) return;
      broken.push(
        `generation ${index >> 1} has ${pages} pages of type ${index & 1}, counted ${this.#sizes[index]}`,
      );
    });
    return broken;
  }

  #listOf(frame: FrameId): number {
    const gen = (this.frames.generation[frame]! & LIST_MASK) >> LIST_SHIFT;
    return this.listNumber(gen, this.typeOf(frame), this.#zones.indexOf(frame));
  }

  #hang(frame: FrameId, gen: number, type: PageType, toTail: boolean): void {
    const { generation } = this.frames;
    generation[frame] = (generation[frame]! & ~LIST_MASK) | (gen << LIST_SHIFT);
    const list = this.listNumber(gen, type, this.#zones.indexOf(frame));
    if (toTail) this.#lists.addTail(list, frame);
    else this.#lists.addHead(list, frame);
  }

  #setNumber(frame: FrameId, gen: number): void {
    const { generation } = this.frames;
    generation[frame] = (generation[frame]! & ~GEN_MASK) | (gen + 1);
  }
}
