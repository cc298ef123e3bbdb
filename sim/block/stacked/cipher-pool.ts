import {
  type Actor,
  type Engine,
  type Holdable,
  Mutex,
  type Pages,
  type Process,
  probe,
  WaitQueue,
} from "../../engine/index.ts";
import type { BlockMemory, PageHandle } from "../block-memory.ts";

const hitReserve = probe("dm-crypt takes a page from its own reserve");
const hitWait = probe("a writer of dm-crypt waits until others have given their pages back");

/** What is broken in how pages are taken. */
export interface PoolFaults {
  /** Writers of several pages take them one by one, without keeping others from doing the same (until 4.1). */
  readonly piecemeal: boolean;
  /** The machine's reserves are used up before the pool's own (Linux 4.6). */
  readonly drainsReserves: boolean;
}

/**
 * Pages for what is written, in encrypted form (mempool_alloc on page_pool): the allocator is asked first, without
 * waiting, then the reserve, and then one waits until a write has ended. Whoever needs several takes them under a mutex,
 * so that two of them never hold each other up.
 */
export class CipherPool implements Holdable {
  readonly name: string;
  readonly #engine: Engine;
  readonly #memory: BlockMemory;
  readonly #faults: PoolFaults;
  readonly #target: Pages;
  #reserve: PageHandle[] = [];
  /** Pages of writes that are on their way below: they come back whatever happens here. */
  #onTheWay = 0;
  readonly #gathering: Process[] = [];
  #mutex: Mutex;
  readonly #returned: WaitQueue;

  constructor(engine: Engine, name: string, memory: BlockMemory, target: Pages, faults: PoolFaults) {
    this.#engine = engine;
    this.name = name;
    this.#memory = memory;
    this.#target = target;
    this.#faults = faults;
    this.#mutex = new Mutex(engine, `bio_alloc_lock of ${name}`);
    this.#returned = new WaitQueue(engine, name);
  }

  /** Sets the reserve aside (mempool_init), as long as there is memory. */
  fill(): void {
    while (this.#reserve.length < this.#target) {
      const page = this.#memory.takePage(false);
      if (page === undefined) return;
      this.#reserve.push(page);
    }
  }

  /** Those who hold pages and wait for more; nobody as long as pages are on their way back. */
  holders(): readonly Process[] {
    return this.#onTheWay > 0 ? [] : this.#gathering;
  }

  /** crypt_alloc_buffer. */
  *take(count: Pages): Actor<PageHandle[]> {
    const pages: PageHandle[] = [];
    if (this.#faults.piecemeal) yield* this.#gather(pages, count);
    else if (!this.#takeNow(pages, count)) {
      for (const page of pages.splice(0)) this.#putBack(page);
      yield* this.#mutex.lock("mutex_lock (bio_alloc_lock)");
      yield* this.#gather(pages, count);
      this.#mutex.unlock();
    }
    this.#onTheWay += count;
    return pages;
  }

  /** A write has ended (crypt_free_buffer_pages). */
  give(pages: readonly PageHandle[]): void {
    this.#onTheWay -= pages.length;
    for (const page of pages) this.#putBack(page);
  }

  /** A power loss: memory is new. */
  abandon(): void {
    this.#reserve = [];
    this.#onTheWay = 0;
    this.#gathering.length = 0;
    this.#mutex = new Mutex(this.#engine, this.#mutex.name);
    this.#returned.abandon();
  }

  #takeNow(pages: PageHandle[], count: Pages): boolean {
    while (pages.length < count) {
      const page = this.#takeOne();
      if (page === undefined) return false;
      pages.push(page);
    }
    return true;
  }

  *#gather(pages: PageHandle[], count: Pages): Actor {
    const { current } = this.#engine;
    this.#gathering.push(current);
    while (!this.#takeNow(pages, count)) {
      hitWait();
      yield this.#returned.wait("mempool_alloc (page_pool)", this);
    }
    this.#gathering.splice(this.#gathering.indexOf(current), 1);
  }

  #takeOne(): PageHandle | undefined {
    const page = this.#memory.takePage(this.#faults.drainsReserves);
    if (page !== undefined) return page;
    const own = this.#reserve.pop();
    if (own !== undefined) hitReserve();
    return own;
  }

  #putBack(page: PageHandle): void {
    if (this.#reserve.length < this.#target) this.#reserve.push(page);
    else this.#memory.givePage(page);
    this.#returned.wakeOne();
  }
}
