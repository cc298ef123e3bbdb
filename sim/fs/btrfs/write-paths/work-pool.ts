import { type Actor, type Engine, type Process, WaitQueue } from "../../../engine/index.ts";

/** A piece of work in the queue of a pool. Whoever waits for it waits for its worker, or for any that comes free. */
class WorkItem {
  readonly name: string;
  readonly run: () => Actor;
  readonly done: WaitQueue;
  isDone = false;
  worker: Process | undefined;
  readonly #pool: WorkPool;

  constructor(engine: Engine, pool: WorkPool, run: () => Actor) {
    this.name = `work of ${pool.name}`;
    this.#pool = pool;
    this.run = run;
    this.done = new WaitQueue(engine, this.name);
  }

  anyOf(): readonly Process[] {
    return this.worker ? [this.worker] : this.#pool.workers;
  }
}

/**
 * A workqueue under memory pressure: threads that exist already and its rescuer, which is one more; new ones would take
 * memory. They are daemons.
 */
export class WorkPool {
  readonly name: string;
  readonly workers: readonly Process[];
  readonly #engine: Engine;
  readonly #queue: WorkItem[] = [];
  readonly #wanted: WaitQueue;

  constructor(engine: Engine, name: string, threads: number) {
    this.#engine = engine;
    this.name = name;
    this.#wanted = new WaitQueue(engine, name);
    const names = [...Array.from({ length: threads }, (_, number) => `${name}/${number}`), `${name} rescuer`];
    this.workers = names.map((each) =>
      engine.spawn(each, this.#serve(), { daemon: true, inside: "filesystem" }),
    );
  }

  /** Pieces of work that no worker has begun. */
  get queued(): number {
    return this.#queue.length;
  }

  /** queue_work and flush_work: some worker does it, and the caller waits. */
  *do(run: () => Actor): Actor {
    const item = new WorkItem(this.#engine, this, run);
    this.#queue.push(item);
    this.#wanted.wakeOne();
    while (!item.isDone) yield item.done.wait("flush_work", item);
  }

  *#serve(): Actor {
    for (;;) {
      const item = this.#queue.shift();
      if (!item) {
        yield this.#wanted.wait("worker_thread");
        continue;
      }
      item.worker = this.#engine.current;
      yield* item.run();
      item.isDone = true;
      item.done.wakeAll();
    }
  }
}
