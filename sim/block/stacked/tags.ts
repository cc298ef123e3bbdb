import { type Actor, type Engine, type Holdable, type Process, WaitQueue } from "../../engine/index.ts";

/**
 * The tags of a request queue (blk_mq_get_tag): whoever submits while all are taken sleeps until a request has ended.
 * Once nothing is on its way below any more, only the workers can make one end: an edge of the wait-for graph.
 */
export class Tags implements Holdable {
  readonly name: string;
  readonly workers: Process[] = [];
  /** Requests that no longer need a worker to end. */
  passedOn = 0;
  readonly #inUse: () => number;
  readonly #depth: number;
  readonly #freed: WaitQueue;

  constructor(engine: Engine, name: string, depth: number, inUse: () => number) {
    this.name = name;
    this.#depth = depth;
    this.#inUse = inUse;
    this.#freed = new WaitQueue(engine, name);
  }

  holders(): readonly Process[] {
    return this.passedOn > 0 ? [] : this.workers;
  }

  get areTaken(): boolean {
    return this.#inUse() >= this.#depth;
  }

  *wait(): Actor {
    while (this.areTaken) yield this.#freed.wait("blk_mq_get_tag", this);
  }

  /** A request has ended. */
  free(): void {
    this.#freed.wakeOne();
  }

  /** A power loss. */
  abandon(): void {
    this.passedOn = 0;
    this.workers.length = 0;
    this.#freed.abandon();
  }
}
