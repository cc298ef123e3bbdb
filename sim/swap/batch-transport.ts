import type { Plug } from "../block/index.ts";
import { type Actor, assert, type Pages, type Process, Semaphore } from "../engine/index.ts";
import { SwapBatch } from "./swap-batch.ts";
import type { SwapIo } from "./swap-io.ts";
import { ThroughFilesystem } from "./through-filesystem.ts";
import type { TransportActivation, TransportContext } from "./transport.ts";

/** Requests set aside at the first swapon, so that a page-out can always be sent (sio_pool, mm/page_io.c, 6.1). */
const POOL_REQUESTS = 32;

/**
 * Swap I/O through swap_rw (mm/page_io.c, 5.19 and later): pages that follow each other in the file are gathered up to
 * 32 to a request, which runs asynchronously through the filesystem.
 */
export class BatchTransport extends ThroughFilesystem {
  readonly entersFilesystem = true;
  readonly #pool: Semaphore;
  /** The request that each plug gathers at present. */
  readonly #gathering = new WeakMap<Plug, SwapBatch>();
  /** Who carries each request, or gathers it. */
  readonly #requests = new Map<SwapBatch, Process>();
  /** Who waits for a request with a page to write. */
  readonly #waiting = new Set<Process>();
  readonly #freeRequest = { name: "a request of swap_rw", anyOf: () => [...this.#requests.values()] };

  constructor(context: TransportContext) {
    super(context);
    this.#pool = new Semaphore(context.engine, "sio_pool", POOL_REQUESTS);
  }

  override *activate(pages: Pages): Actor<TransportActivation> {
    if (!this.fs.swapRw) return { errno: "EINVAL", message: `${this.fs.type} has no swap_rw` };
    return yield* super.activate(pages);
  }

  carriers(): readonly Process[] {
    const writes = [...this.#requests].filter(([{ operation }]) => operation === "write");
    const carried = writes.flatMap(([{ pages }, process]) => new Array<Process>(pages).fill(process));
    return [...carried, ...this.#waiting];
  }

  writePage(io: SwapIo, plug: Plug): Actor | undefined {
    return this.#gather("write", io, plug);
  }

  readPage(io: SwapIo, plug: Plug | undefined): Actor | undefined {
    return this.#gather("read", io, plug);
  }

  #gather(operation: SwapBatch["operation"], io: SwapIo, plug: Plug | undefined): Actor | undefined {
    const open = plug && this.#gathering.get(plug);
    if (open?.operation === operation && open.takes(io)) {
      open.add(io);
      return undefined;
    }
    open?.send();
    if (!this.#pool.tryAcquire()) return this.#waitForRequest(operation, io, plug);
    this.#open(operation, io, plug);
    return undefined;
  }

  /** mempool_alloc: somebody's request will end, because none of them needs a second one. */
  *#waitForRequest(operation: SwapBatch["operation"], io: SwapIo, plug: Plug | undefined): Actor {
    const { current } = this.engine;
    if (operation === "write") this.#waiting.add(current);
    yield* this.#pool.acquire("mempool_alloc (sio_pool)", this.#freeRequest);
    this.#waiting.delete(current);
    this.#open(operation, io, plug);
  }

  #open(operation: SwapBatch["operation"], io: SwapIo, plug: Plug | undefined): void {
    const batch = new SwapBatch(operation, (ready) =>
      this.#requests.set(ready, this.engine.spawn("swap_rw", this.#run(ready), { inside: "filesystem" })),
    );
    this.#requests.set(batch, this.engine.current);
    batch.add(io);
    if (!plug) {
      batch.send();
      return;
    }
    this.#gathering.set(plug, batch);
    plug.hold(batch);
  }

  *#run(batch: SwapBatch): Actor {
    const { swapRw } = this.fs;
    assert(swapRw !== undefined, "a filesystem without swap_rw refuses activation");
    const { operation, first, pages, contents } = batch;
    const request =
      operation === "read" ? { operation, first, pages } : { operation, first, pages, contents };
    const found = yield* swapRw.call(this.fs, this.file, request);
    this.#pool.release();
    this.#requests.delete(batch);
    batch.end(typeof found === "string" ? undefined : found);
  }
}
