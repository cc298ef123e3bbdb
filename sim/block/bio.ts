import {
  assert,
  type BlockNumber,
  type Engine,
  type Pages,
  type Pause,
  type Process,
  park,
} from "../engine/index.ts";
import type { BlockContent, Generation, OwnerId } from "./contents.ts";

export type BioOperation = "read" | "write" | "flush" | "discard";

/** The one way block I/O fails: the device is gone or could not do it. */
export type BioStatus = "ok" | "EIO";

/** What several blocks hold, column by column: what a long bio carries. */
export interface Payload {
  readonly generation: Uint32Array;
  readonly owner: Uint32Array;
  readonly index: Uint32Array;
}

/** An empty payload for `blocks` blocks. */
export function createPayload(blocks: Pages): Payload {
  return {
    generation: new Uint32Array(blocks),
    owner: new Uint32Array(blocks),
    index: new Uint32Array(blocks),
  };
}

/** Contents, one entry a block, as a payload. */
export function payloadOf(contents: readonly BlockContent[]): Payload {
  const payload = createPayload(contents.length);
  for (const [at, { generation, owner, index }] of contents.entries()) {
    payload.generation[at] = generation;
    payload.owner[at] = owner;
    payload.index[at] = index;
  }
  return payload;
}

/** What block `at` of a payload holds. */
export function contentOf({ generation, owner, index }: Payload, at: Pages): BlockContent {
  return { generation: generation[at]!, owner: owner[at]!, index: index[at]! };
}

/**
 * One request of a caller for a contiguous piece of a device, as the kernel's struct bio.
 *
 * A write carries either a payload (one entry a block) or a run: block i holds generation + i of owner, index + i.
 * A read of one block is answered in those three fields, a longer one in `payload`. Contents change, and are read,
 * at the instant the device completes the bio; `end` runs in that same step, in interrupt context: it must not wait.
 */
export class Bio {
  readonly operation: BioOperation;
  readonly block: BlockNumber;
  readonly count: Pages;
  generation: Generation = 0;
  owner: OwnerId = 0;
  index = 0;
  payload: Payload | undefined;
  status: BioStatus = "ok";
  done = false;
  /** For whoever submits it: where in his request the piece begins that this bio carries (bi_private). */
  piece: Pages = 0;
  /** Called at completion, in interrupt context. */
  end: ((bio: Bio) => void) | undefined;
  #waiter: Process | undefined;

  constructor(operation: BioOperation, block: BlockNumber, count: Pages) {
    assert(count > 0 || operation === "flush", "a bio covers at least one block");
    this.operation = operation;
    this.block = block;
    this.count = count;
  }

  static read(block: BlockNumber, count: Pages = 1): Bio {
    return new Bio("read", block, count);
  }

  /** A write of a run: consecutive generations of consecutive indexes of one owner. */
  static writeRun(block: BlockNumber, count: Pages, first: BlockContent): Bio {
    const bio = new Bio("write", block, count);
    bio.generation = first.generation;
    bio.owner = first.owner;
    bio.index = first.index;
    return bio;
  }

  /** A write of explicit contents, one entry a block: what a copy needs. */
  static writePayload(block: BlockNumber, payload: Payload): Bio {
    const bio = new Bio("write", block, payload.generation.length);
    bio.payload = payload;
    return bio;
  }

  /** What block `offset` of this bio carries (write) or was found to hold (read, after completion). */
  contentAt(offset: number): BlockContent {
    const { payload } = this;
    if (!payload) {
      return { generation: this.generation + offset, owner: this.owner, index: this.index + offset };
    }
    return contentOf(payload, offset);
  }

  /** For the device: the bio has ended. */
  complete(engine: Engine, status: BioStatus): void {
    assert(!this.done, "a bio completes once");
    this.status = status;
    this.done = true;
    this.end?.(this);
    if (this.#waiter) engine.wake(this.#waiter);
  }

  /** `yield` this, while the bio is not `done`, to wait for its completion; at most one process waits for a bio. */
  wait(engine: Engine, label: string): Pause {
    assert(!this.done && this.#waiter === undefined, "one process waits for a bio that runs");
    this.#waiter = engine.current;
    return park(label, this);
  }
}
