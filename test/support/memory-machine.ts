import { type BlockContent, GenerationCounter, OwnerTable, type Plug } from "../../sim/block/index.ts";
import { checkMemory } from "../../sim/checks/memory.ts";
import { checkSwap } from "../../sim/checks/swap.ts";
import { type Actor, delay, Engine, MICROSECOND, openStreams, Processors } from "../../sim/engine/index.ts";
import type { DeviceBlock } from "../../sim/fs/index.ts";
import {
  type AccessSource,
  kernelProfiles,
  kswapd,
  MemoryManager,
  MemoryTask,
  type MemoryTaskOptions,
  type TaskMemoryOptions,
  zswapShrinker,
} from "../../sim/mm/index.ts";
import { PageOracle, ViolationLedger } from "../../sim/oracle/index.ts";
import {
  makeSwap,
  type SwapIo,
  SwapSpace,
  type SwapTransport,
  swapon,
  type ZswapOptions,
} from "../../sim/swap/index.ts";

/** A transport without a disk: slots are kept in a map, every I/O takes the same time. */
export class MemoryTransport implements SwapTransport {
  readonly synchronousIo: boolean;
  readonly solidState: boolean;
  readonly entersFilesystem: boolean;
  readonly #dirties: boolean;
  /** Who wrote pages, by process name. */
  readonly writers = new Set<string>();
  readonly contents = new Map<number, BlockContent>();
  readonly failingReads = new Set<number>();
  failWrites = false;
  readonly #engine: Engine;
  readonly #latency: number;
  readonly #synchronous: boolean;
  /** Reads that are under way at once get in each other's way. */
  readonly #crowding: number;
  #reading = 0;

  constructor(
    engine: Engine,
    options: {
      latency?: number;
      synchronous?: boolean;
      solidState?: boolean;
      crowding?: number;
      entersFilesystem?: boolean;
      dirties?: boolean;
      inMemory?: boolean;
    } = {},
  ) {
    this.#engine = engine;
    this.synchronousIo = options.inMemory ?? false;
    this.#latency = options.latency ?? 80 * MICROSECOND;
    this.#synchronous = options.synchronous ?? false;
    this.#crowding = options.crowding ?? 0;
    this.solidState = options.solidState ?? true;
    this.#dirties = options.dirties ?? false;
    this.entersFilesystem = options.entersFilesystem ?? false;
  }

  *activate(pages: number): ReturnType<SwapTransport["activate"]> {
    return { errno: undefined, pages, extents: 1, span: pages - 1 };
  }

  deactivate(): void {}

  writePage(io: SwapIo, _plug: Plug): Actor | undefined {
    this.writers.add(this.#engine.current.name);
    return this.#perform(0, () => {
      if (!this.failWrites) this.contents.set(io.slot, io.content);
      io.complete(this.failWrites);
    });
  }

  readPage(io: SwapIo, _plug: Plug): Actor | undefined {
    return this.#perform(this.#crowding * this.#reading++, () => {
      this.#reading--;
      io.content = this.contents.get(io.slot) ?? { generation: 0, owner: 0, index: 0 };
      io.dirtied = this.#dirties;
      io.complete(this.failingReads.has(io.slot));
    });
  }

  placeOf(_slot: number): DeviceBlock | undefined {
    return undefined;
  }

  #perform(more: number, end: () => void): Actor | undefined {
    if (!this.synchronousIo) return this.#work(this.#latency + more, end);
    end();
    return undefined;
  }

  *#work(latency: number, end: () => void): Actor {
    const wait = function* (): Actor {
      yield delay("the disk works", latency);
      end();
    };
    if (this.#synchronous) yield* wait();
    else this.#engine.spawn("disk", wait());
  }
}

/** Accesses as a text: "w0 w1 r0" writes pages 0 and 1 and reads page 0. */
export function accesses(pages: number, text: string): () => AccessSource {
  const encoded = text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => Number(word.slice(1)) * 2 + (word[0] === "w" ? 1 : 0));
  return listed(pages, encoded);
}

/** A source over a list of encoded accesses. */
export function listed(pages: number, encoded: readonly number[]): () => AccessSource {
  return () => {
    let position = 0;
    return {
      pages,
      fill(batch) {
        const count = Math.min(batch.length, encoded.length - position);
        for (let index = 0; index < count; index++) batch[index] = encoded[position + index]!;
        position += count;
        return count;
      },
    };
  };
}

export interface MemoryMachineOptions {
  readonly frames: number;
  /** Slots, the header included; 0 for no swap. */
  readonly slots: number;
  readonly latency?: number;
  readonly synchronous?: boolean;
  readonly solidState?: boolean;
  /** How much longer a read takes for each other one that is under way. */
  readonly crowding?: number;
  /** The swap file lies behind swap_rw. */
  readonly entersFilesystem?: boolean;
  /** A device that works in the step of its caller, as zram does. */
  readonly inMemory?: boolean;
  /** A read leaves its page marked dirty. */
  readonly dirties?: boolean;
  readonly pageCluster?: number;
  readonly faults?: readonly string[];
  /** Compressed pool of so many pages in front of swap. */
  readonly zswap?: ZswapOptions;
  /** Reclaim policy instead of the kernel's. */
  readonly reclaim?: string;
  /** lru_gen/min_ttl_ms, in ns. */
  readonly minTtl?: number;
  readonly seed?: string;
  /** Left out: one of timed runs. */
  readonly engine?: Engine;
  /** Kernel profile; left out: linux-6.1. */
  readonly kernel?: string;
}

/** What a test says of a task. */
interface TaskOptions extends MemoryTaskOptions, TaskMemoryOptions {
  readonly keep: boolean;
}

/** Encoded uniform accesses, a third of them stores. */
export function uniformEncoded(pages: number, count: number, seed: number): number[] {
  const random = openStreams(String(seed)).named("uniform");
  return Array.from({ length: count }, () => random.below(pages) * 2 + (random.below(3) === 0 ? 1 : 0));
}

/** Memory, swap and the page oracle without disks and files. */
export class MemoryMachine {
  readonly engine: Engine;
  readonly mm: MemoryManager;
  readonly swap: SwapSpace;
  readonly ledger = new ViolationLedger();
  readonly oracle: PageOracle;
  readonly transport: MemoryTransport;
  readonly lines: string[] = [];

  constructor(options: MemoryMachineOptions) {
    const engine = options.engine ?? new Engine({ seed: options.seed ?? "memory machine" });
    const processors = new Processors(engine, 2);
    this.engine = engine;
    this.swap = new SwapSpace(2, kernelProfiles.require(options.kernel ?? "linux-6.1"));
    this.transport = new MemoryTransport(engine, options);
    this.oracle = new PageOracle({
      now: () => engine.now,
      generations: new GenerationCounter(),
      ledger: this.ledger,
      look: () => undefined,
    });
    this.mm = new MemoryManager(engine, processors, this.swap, {
      frames: options.frames,
      kernel: options.kernel ?? "linux-6.1",
      ...(options.reclaim === undefined ? {} : { reclaim: options.reclaim }),
      ...(options.minTtl === undefined ? {} : { minTtl: options.minTtl }),
      ...(options.zswap === undefined ? {} : { zswap: options.zswap }),
      swappiness: 60,
      pageCluster: options.pageCluster ?? 3,
      watermarkScaleFactor: 10,
      owners: new OwnerTable(),
      observer: this.oracle,
      log: (line) => this.lines.push(line),
      faults: new Set(options.faults ?? []),
    });
    engine.spawn("zswap-shrink", zswapShrinker(this.mm), { daemon: true });
    engine.spawn("kswapd0", kswapd(this.mm), { daemon: true });
    if (options.slots > 0) engine.spawn("swapon", this.#swapon(options.slots));
  }

  /** Starts a task. One that is told to `keep` its memory does not exit at its end. */
  task(name: string, open: () => AccessSource, options: Partial<TaskOptions> = {}): MemoryTask {
    const { group, compressedSize, keep, ...rest } = options;
    const memory = { ...(group ? { group } : {}), ...(compressedSize ? { compressedSize } : {}) };
    const space = this.mm.createTask(name, open().pages, memory);
    const task = new MemoryTask(this.mm, space, { cpu: 100, init: false, repeat: 1, open, ...rest });
    this.engine.spawn(name, keep ? task.runPart(open()) : task.run());
    return task;
  }

  run(until?: number): this {
    this.engine.run(until);
    return this;
  }

  /** Everything recounted. */
  broken(): readonly string[] {
    return [...checkMemory(this.mm), ...checkSwap(this.mm, this.swap)];
  }

  *#swapon(slots: number): Actor {
    yield* swapon(this.engine, this.swap, {
      name: "swap",
      header: makeSwap(slots),
      targetPages: slots,
      priority: undefined,
      transport: this.transport,
    });
  }
}
