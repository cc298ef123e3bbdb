import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockContents } from "../../sim/block/contents.ts";
import {
  type BackingFile,
  Bio,
  type BlockDevice,
  type BlockMemory,
  createBlockDevice,
  createPayload,
  deviceModels,
  endlessMemory,
  stackedDevices,
} from "../../sim/block/index.ts";
import { CipherPool } from "../../sim/block/stacked/cipher-pool.ts";
import { type Actor, delay, Engine, MILLISECOND, Processors } from "../../sim/engine/index.ts";
import { findCycle } from "../../sim/wait-for-graph.ts";

/** So many pages above the marks, and so many below them. */
class CountedMemory implements BlockMemory {
  free: number;
  reserve: number;
  #next = 0;

  constructor(free: number, reserve = 0) {
    this.free = free;
    this.reserve = reserve;
  }

  *allocate(): Actor<boolean> {
    return true;
  }

  takePage(reserves: boolean): number | undefined {
    if (this.free > 0) this.free--;
    else if (reserves && this.reserve > 0) this.reserve--;
    else return undefined;
    return this.#next++;
  }

  givePage(): void {
    this.free++;
  }

  forbidIo(): void {}
}

class Stack {
  readonly engine = new Engine({ seed: "stack" });
  readonly processors = new Processors(this.engine, 2);
  readonly below = createBlockDevice(this.engine, {
    name: "vda",
    model: deviceModels.require("nvme-consumer"),
    size: 4096,
  });
  readonly device: BlockDevice;

  constructor(
    kind: "dm-crypt" | "loop",
    memory: BlockMemory = endlessMemory,
    faults: readonly string[] = [],
  ) {
    const { engine, processors, below } = this;
    const context = { engine, processors, memory, faults: new Set(faults) };
    const file: BackingFile = fileOn(below);
    const what =
      kind === "loop" ? ({ kind: "file", file } as const) : ({ kind: "device", device: below } as const);
    this.device = stackedDevices.require(kind).create(context, "stacked", what);
  }

  /** Submits bios and runs until they have ended, or nothing goes on. */
  do(...bios: readonly Bio[]): readonly Bio[] {
    this.engine.spawn("user", this.#submit(bios));
    this.engine.run(this.engine.now + 100 * MILLISECOND);
    return bios;
  }

  *#submit(bios: readonly Bio[]): Actor {
    for (const bio of bios) this.device.submit(bio);
    for (const bio of bios) if (!bio.done) yield bio.wait(this.engine, "wait for a bio");
  }
}

/** A file that lies on a device block by block. */
function fileOn(device: BlockDevice): BackingFile {
  return {
    size: device.size,
    rotational: false,
    contents: device.contents,
    *read(first, count) {
      const bio = Bio.read(first, count);
      if ((yield* device.submitAndWait(bio, "read")) !== "ok") return undefined;
      return Array.from({ length: count }, (_, offset) => bio.contentAt(offset));
    },
    *write(first, contents) {
      const payload = createPayload(contents.length);
      contents.forEach(({ generation, owner, index }, offset) => {
        payload.generation[offset] = generation;
        payload.owner[offset] = owner;
        payload.index[offset] = index;
      });
      return (yield* device.submitAndWait(Bio.writePayload(first, payload), "write")) === "ok";
    },
    *flush() {
      yield* device.submitAndWait(new Bio("flush", 0, 0), "flush");
    },
  };
}

const write = (block: number, count: number, generation: number): Bio =>
  Bio.writeRun(block, count, { generation, owner: 1, index: block });

describe.each(["dm-crypt", "loop"] as const)("%s", (kind) => {
  it("gives back what was written last, in pieces of any size", () => {
    const piece = fc.record({
      block: fc.integer({ min: 0, max: 3000 }),
      count: fc.integer({ min: 1, max: 700 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const stack = new Stack(kind);
        const model = new BlockContents();
        let generation = 1;
        for (const { block, count } of pieces) {
          stack.do(write(block, count, generation));
          for (let at = 0; at < count; at++) model.write(block + at, generation++, 1, block + at);
        }
        for (const { block, count } of pieces) {
          const [bio] = stack.do(Bio.read(block, count));
          const found = Array.from({ length: count }, (_, at) => bio!.contentAt(at));
          expect(found).toEqual(Array.from({ length: count }, (_, at) => model.at(block + at)));
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it("passes errors of what lies below up, and its own when it is gone", () => {
    const stack = new Stack(kind);
    stack.below.failed = true;
    expect(stack.do(write(0, 600, 1), Bio.read(5)).map(({ status }) => status)).toEqual(["EIO", "EIO"]);
    stack.below.failed = false;
    expect(stack.do(write(0, 1, 1))[0]?.status).toBe("ok");
    stack.device.failed = true;
    expect(stack.do(Bio.read(0))[0]?.status).toBe("EIO");
  });

  it("takes flushes down, counts requests, and works again after a power loss", () => {
    const stack = new Stack(kind);
    stack.do(write(0, 4, 1), new Bio("flush", 0, 0));
    expect(stack.below.stats.flushIos).toBe(1);
    expect(stack.device.stats).toMatchObject({ writeIos: 1, writeSectors: 32, flushIos: 1 });
    stack.device.submit(write(0, 1, 9));
    stack.engine.killAllBut(new Set());
    stack.below.powerLoss();
    stack.device.powerLoss();
    expect(stack.do(Bio.read(0))[0]?.generation).toBe(1);
  });
});

describe("the pages of dm-crypt", () => {
  it("come from the allocator first, then from the reserve, and go back there", () => {
    const memory = new CountedMemory(300, 50);
    const stack = new Stack("dm-crypt", memory);
    const bios = Array.from({ length: 100 }, (_, block) => write(block, 1, block + 1));
    stack.do(...bios);
    // 256 of 300 were set aside.
    expect(memory).toMatchObject({ free: 44, reserve: 50 });
  });

  it("KB-25: leave the reserves of the machine alone, but did not in Linux 4.6", () => {
    const left = (faults: readonly string[]): number => {
      const memory = new CountedMemory(256, 50);
      const stack = new Stack("dm-crypt", memory, faults);
      stack.do();
      let least = memory.reserve;
      const watch = function* (): Actor {
        for (;;) {
          least = Math.min(least, memory.reserve);
          yield delay("watch", 1000);
        }
      };
      stack.engine.spawn("watch", watch(), { daemon: true });
      stack.do(...Array.from({ length: 200 }, (_, block) => write(block * 2, 1, 1)));
      return least;
    };
    expect(left([])).toBe(50);
    expect(left(["cryptDrainsReserves"])).toBeLessThan(40);
  });

  /** Two writers of four pages each, with five in all, which earlier writers give back one after the other. */
  function two(piecemeal: boolean) {
    const engine = new Engine({ seed: "two" });
    const pool = new CipherPool(engine, "page_pool", new CountedMemory(5), 5, {
      piecemeal,
      drainsReserves: false,
    });
    pool.fill();
    let done = 0;
    const writer = function* (pages: number, time: number): Actor {
      const taken = yield* pool.take(pages);
      yield delay("write", time * MILLISECOND);
      pool.give(taken);
      done++;
    };
    for (let earlier = 1; earlier <= 5; earlier++) engine.spawn("earlier", writer(1, earlier));
    engine.spawn("one", writer(4, 1));
    engine.spawn("two", writer(4, 1));
    engine.run(100 * MILLISECOND);
    return { done, cycle: findCycle(engine) };
  }

  it("KB-25: are taken all at once under a mutex, because two who take them one by one wait for each other", () => {
    expect(two(false)).toEqual({ done: 7, cycle: undefined });
    const broken = two(true);
    expect(broken.done).toBe(5);
    expect(broken.cycle).toContain("waits in mempool_alloc (page_pool) for page_pool");
  });
});

describe("the queue of a loop device", () => {
  it("takes 128 requests; who comes later waits until one has ended", () => {
    const { device, engine } = new Stack("loop");
    for (let block = 0; block < 128; block++) {
      expect(device.waitForRoom?.()).toBeUndefined();
      device.submit(Bio.read(block * 3));
    }
    const waiting = device.waitForRoom?.();
    expect(waiting).toBeDefined();
    let admitted = 0;
    const user = function* (): Actor {
      yield* waiting!;
      admitted = engine.now;
    };
    engine.spawn("user", user());
    engine.run();
    expect(admitted).toBeGreaterThan(0);
  });

  it("KB-24: a worker that waits for a place in its own queue waits for ever", () => {
    const memory: BlockMemory = {
      ...endlessMemory,
      *allocate() {
        yield* stack.device.waitForRoom?.() ?? nothing();
        return true;
      },
    };
    const stack = new Stack("loop", memory);
    stack.do(...Array.from({ length: 128 }, (_, block) => write(block * 3, 1, 1)));
    expect(findCycle(stack.engine)).toContain("stacked waits in blk_mq_get_tag for tags of stacked");
  });
});

function* nothing(): Actor {}
