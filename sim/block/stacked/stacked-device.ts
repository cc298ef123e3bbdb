import {
  type Actor,
  assert,
  type Engine,
  type Pages,
  type Processors,
  type RegistryEntry,
  WaitQueue,
} from "../../engine/index.ts";
import { Bio, type BioStatus, payloadOf } from "../bio.ts";
import type { BlockDevice, BlockStats } from "../block-device.ts";
import type { BlockMemory } from "../block-memory.ts";
import type { BlockContent, ContentStore } from "../contents.ts";
import { type BlockCosts, usualBlockCosts } from "../costs.ts";
import type { DeviceModel } from "../device-model.ts";
import type { BlockHistory } from "../history.ts";
import type { Plug } from "../plug.ts";
import { Request } from "../request.ts";
import { countRequest, zeroStats } from "../stats.ts";

/** What a driver needs of the machine. */
export interface StackContext {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly memory: BlockMemory;
  /** CPU times of its steps; left out: the usual ones. */
  readonly costs?: BlockCosts;
  /** Mechanisms broken on purpose. */
  readonly faults: ReadonlySet<string>;
}

/** A file as a device sees it that lies over it; the machine makes it from a file of its filesystem. */
export interface BackingFile {
  readonly size: Pages;
  readonly rotational: boolean;
  /** Undefined: an error. */
  read(first: Pages, count: Pages): Actor<readonly BlockContent[] | undefined>;
  write(first: Pages, contents: readonly BlockContent[]): Actor<boolean>;
  flush(): Actor;
  /** The blocks looked at, and changed before the machine starts, without any time. */
  readonly contents: ContentStore;
}

/** What a device lies over. */
export type Below =
  | { readonly kind: "file"; readonly file: BackingFile }
  | { readonly kind: "device"; readonly device: BlockDevice };

/** A kind of stacked device: one file and one line in `stacked/index.ts`. */
export interface StackedKind extends RegistryEntry {
  readonly over: Below["kind"];
  create(context: StackContext, name: string, below: Below): BlockDevice;
}

/** A block device that has no medium of its own: requests wait in its queue until its workers pass them on. */
export abstract class StackedDevice implements BlockDevice {
  abstract readonly model: DeviceModel;
  abstract readonly contents: ContentStore;
  abstract readonly history: BlockHistory;
  abstract readonly size: Pages;
  readonly name: string;
  readonly stats: BlockStats = zeroStats();
  failed = false;
  protected readonly context: StackContext;
  protected readonly costs: BlockCosts;
  #queue: Request[] = [];
  #busySince = 0;
  #inFlight = 0;
  readonly #wanted: WaitQueue;

  constructor(context: StackContext, name: string) {
    this.context = context;
    this.costs = context.costs ?? usualBlockCosts;
    this.name = name;
    this.#wanted = new WaitQueue(context.engine, `${name} queue`);
  }

  submit(bio: Bio, plug?: Plug): void {
    assert(bio.block >= 0 && bio.block + bio.count <= this.size, "a bio lies on its device");
    if (plug) plug.add(this, bio);
    else this.enqueue(new Request(bio));
  }

  performNow(): void {
    assert(false, "a device over another one does no I/O in its caller's step");
  }

  *submitAndWait(bio: Bio, label: string): Actor<BioStatus> {
    this.submit(bio);
    if (!bio.done) yield bio.wait(this.context.engine, label);
    return bio.status;
  }

  enqueue(request: Request): void {
    if (this.#inFlight++ === 0) this.#busySince = this.context.engine.now;
    this.#queue.push(request);
    this.#wanted.wakeOne();
  }

  noteMerge(bio: Bio): void {
    if (bio.operation === "read") this.stats.readMerges++;
    else if (bio.operation === "write") this.stats.writeMerges++;
  }

  powerLoss(): void {
    this.#queue = [];
    this.#wanted.abandon();
    if (this.#inFlight > 0) this.stats.busy += this.context.engine.now - this.#busySince;
    this.#inFlight = 0;
    this.start();
  }

  /** Starts the workers; again after a power loss. */
  protected abstract start(): void;

  /** Requests that have not ended. */
  protected get inFlight(): number {
    return this.#inFlight;
  }

  /** The oldest request that no worker has taken; waits for one. */
  protected *next(): Actor<Request> {
    for (;;) {
      const request = this.#queue.shift();
      if (request) return request;
      yield this.#wanted.wait("wait for a request");
    }
  }

  /** The request has ended; `contents` is what a read has found. */
  protected complete(request: Request, status: BioStatus, contents?: readonly BlockContent[]): void {
    countRequest(this.stats, request);
    if (--this.#inFlight === 0) this.stats.busy += this.context.engine.now - this.#busySince;
    const ended = this.failed ? "EIO" : status;
    if (ended === "ok" && contents) fill(request, contents);
    request.complete(this.context.engine, ended);
  }
}

/** What a write request carries, block by block. */
export function contentsOf({ bios }: Request): BlockContent[] {
  return bios.flatMap((bio) => Array.from({ length: bio.count }, (_, offset) => bio.contentAt(offset)));
}

/** A bio for the device below that carries the same, or `count` blocks from `first` of it. */
export function cloneOf(bio: Bio, first = 0, count: Pages = bio.count): Bio {
  const clone = new Bio(bio.operation, bio.block + first, count);
  if (bio.operation !== "write") return clone;
  const { payload } = bio;
  if (payload) {
    clone.payload = {
      generation: payload.generation.subarray(first, first + count),
      owner: payload.owner.subarray(first, first + count),
      index: payload.index.subarray(first, first + count),
    };
    return clone;
  }
  const { generation, owner, index } = bio.contentAt(first);
  return Object.assign(clone, { generation, owner, index });
}

function fill({ bios }: Request, contents: readonly BlockContent[]): void {
  let at = 0;
  for (const bio of bios) {
    const found = contents.slice(at, at + bio.count);
    at += bio.count;
    const [first] = found;
    if (bio.count === 1 && first) {
      bio.generation = first.generation;
      bio.owner = first.owner;
      bio.index = first.index;
      continue;
    }
    bio.payload = payloadOf(found);
  }
}
