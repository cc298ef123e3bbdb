import { type Bytes, PAGE_SIZE, type Pages } from "../engine/index.ts";
import { type Handle, type PagePort, type Zpool, zpools } from "./zpool/index.ts";

/** From this length on a page is kept as it is (huge_class_size of zsmalloc, 6.1). */
const HUGE: Bytes = 3257;

/** The memory behind a zram device: what each slot takes, in zsmalloc's size classes. Same-filled pages take none. */
export class ZramMemory {
  readonly #pool: Zpool;
  readonly #handles = new Map<number, Handle>();

  constructor(port: PagePort) {
    this.#pool = zpools.require("zsmalloc").create(port);
  }

  /** Pages in use (mem_used_total). */
  get pages(): Pages {
    return this.#pool.pages;
  }

  /** Room for a slot's page that compresses to `length` bytes; false if there is no memory for it. */
  store(slot: number, length: Bytes): boolean {
    this.free(slot);
    if (length === 0) return true;
    const handle = this.#pool.allocate(length >= HUGE ? PAGE_SIZE : length);
    if (handle < 0) return false;
    this.#handles.set(slot, handle);
    return true;
  }

  /** zram_slot_free_notify. */
  free(slot: number): void {
    const handle = this.#handles.get(slot);
    if (handle === undefined) return;
    this.#handles.delete(slot);
    this.#pool.free(handle);
  }
}
