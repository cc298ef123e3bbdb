import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Bio,
  BlockContents,
  BlockHistory,
  createBlockDevice,
  type DeviceModel,
  deviceModels,
  HistoryVerb,
  OwnerTable,
} from "../../sim/block/index.ts";
import { seekTime } from "../../sim/block/service-time.ts";
import { delay, Engine, MICROSECOND, MILLISECOND, SECOND } from "../../sim/engine/index.ts";

const SIZE = 1_000_000;

function device(model: DeviceModel, trackDurability = false) {
  const engine = new Engine({ seed: "device" });
  return { engine, disk: createBlockDevice(engine, { name: "vda", model, size: SIZE, trackDurability }) };
}

/** Submits bios at time 0 and returns when each of them ended. */
function endTimes(model: DeviceModel, bios: readonly Bio[]): number[] {
  const { engine, disk } = device(model);
  const ends: number[] = [];
  engine.spawn(
    "submitter",
    (function* () {
      for (const bio of bios) disk.submit(bio);
      for (const bio of bios) {
        if (!bio.done) yield bio.wait(engine, "wait");
        ends.push(engine.now);
      }
    })(),
  );
  engine.run();
  return ends;
}

const write = (block: number, count = 1, generation = 1) =>
  Bio.writeRun(block, count, { generation, owner: 0, index: 0 });
const nvme = deviceModels.require("nvme-consumer");
const hdd = deviceModels.require("hdd-7200");
const solidState = deviceModels.entries().filter((model) => !model.rotational);

describe("a solid-state device", () => {
  it.each(solidState.map((model) => [model.name, model] as const))(
    "%s takes its latency plus the transfer",
    (_name, model) => {
      const transfer = Math.round((4096 * SECOND) / model.readBandwidth);
      expect(endTimes(model, [Bio.read(7)])).toEqual([model.readLatency + transfer]);
    },
  );

  it("serves as many requests at once as it has channels, and no more", () => {
    const slowBus: DeviceModel = { ...nvme, channels: 4, readBandwidth: 1e15 };
    const ends = endTimes(
      slowBus,
      Array.from({ length: 9 }, (_, index) => Bio.read(index * 10)),
    );
    expect(ends).toEqual([70, 70, 70, 70, 140, 140, 140, 140, 210].map((time) => time * MICROSECOND));
  });

  it("reaches its bandwidth at depth and not more", () => {
    const blocks = 256;
    const ends = endTimes(
      nvme,
      Array.from({ length: 64 }, (_, index) => Bio.read(index * blocks, blocks)),
    );
    const ideal = (64 * blocks * 4096 * SECOND) / nvme.readBandwidth;
    expect(ends.at(-1)! / ideal).toBeGreaterThan(1);
    expect(ends.at(-1)! / ideal).toBeLessThan(1.02);
  });

  it("waits in the order of arrival", () => {
    const single: DeviceModel = { ...nvme, channels: 1 };
    const ends = endTimes(single, [Bio.read(5), Bio.read(900), Bio.read(3)]);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  });
});

describe("a hard disk", () => {
  it("needs transfer only for what follows the last block", () => {
    const [first, second] = endTimes(hdd, [Bio.read(0), Bio.read(1)]);
    const transfer = Math.round((4096 * SECOND) / hdd.readBandwidth);
    expect(first).toBe(hdd.readLatency + transfer);
    expect(second! - first!).toBe(hdd.readLatency + transfer);
  });

  it("seeks with the root of the distance between settle and full stroke", () => {
    const seek = hdd.seek!;
    expect(seekTime(seek, 0, SIZE)).toBe(0);
    expect(seekTime(seek, SIZE, SIZE)).toBe(seek.fullStroke);
    expect(seekTime(seek, SIZE / 4, SIZE)).toBe((seek.settle + seek.fullStroke) / 2);
  });

  it("needs about 7 to 17 ms for a random block", () => {
    const ends = endTimes(
      hdd,
      Array.from({ length: 100 }, (_, index) => Bio.read((index * 7919 * 131) % SIZE)),
    );
    const mean = ends.at(-1)! / 100;
    expect(mean).toBeGreaterThan(7 * MILLISECOND);
    expect(mean).toBeLessThan(17 * MILLISECOND);
  });
});

describe("contents", () => {
  it("read back as they were written, also past chunk borders and after discards", () => {
    const operation = fc.record({
      discard: fc.boolean(),
      block: fc.integer({ min: 0, max: 3000 }),
      count: fc.integer({ min: 1, max: 1500 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        const contents = new BlockContents();
        const model = new Map<number, number>();
        operations.forEach(({ discard, block, count }, index) => {
          for (let at = block; at < block + count; at++) {
            if (discard) model.delete(at);
            else model.set(at, index + 1);
            if (!discard) contents.write(at, index + 1, 3, at);
          }
          if (discard) contents.discard(block, count);
        });
        for (let block = 0; block < 4600; block += 13) {
          expect(contents.generationAt(block)).toBe(model.get(block) ?? 0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("of an empty device of 1 TiB cost nothing", () => {
    const { disk } = device(nvme);
    expect(disk.contents.bytes).toBe(0);
    disk.contents.write(SIZE - 1, 5, 0, 0);
    expect(disk.contents.bytes).toBeLessThan(20_000);
  });

  it("travel in payloads block by block and in runs by counting", () => {
    const { engine, disk } = device(nvme);
    const read = Bio.read(10, 3);
    engine.spawn(
      "io",
      (function* () {
        yield* disk.submitAndWait(write(10, 3, 50), "write");
        yield* disk.submitAndWait(read, "read");
        yield* disk.submitAndWait(Bio.writePayload(20, read.payload!), "copy");
      })(),
    );
    engine.run();
    expect([20, 21, 22].map((block) => disk.contents.generationAt(block))).toEqual([50, 51, 52]);
  });
});

describe("a device that fails", () => {
  it("ends every request with EIO and changes nothing", () => {
    const { engine, disk } = device(nvme);
    disk.failed = true;
    const bio = write(3);
    engine.spawn("io", disk.submitAndWait(bio, "write"));
    engine.run();
    expect(bio.status).toBe("EIO");
    expect(disk.contents.generationAt(3)).toBe(0);
  });

  it("loses with the power what was not flushed, and keeps what was", () => {
    const { engine, disk } = device(nvme, true);
    engine.spawn(
      "io",
      (function* () {
        yield* disk.submitAndWait(write(1, 1, 11), "write");
        yield* disk.submitAndWait(new Bio("flush", 0, 0), "flush");
        yield* disk.submitAndWait(write(1, 1, 12), "write");
        yield* disk.submitAndWait(write(2, 1, 13), "write");
      })(),
    );
    engine.run();
    disk.powerLoss();
    expect([1, 2].map((block) => disk.contents.generationAt(block))).toEqual([11, 0]);
  });
});

describe("the history of a block", () => {
  const owners = new OwnerTable();
  const file = owners.add("file", "/db").id;

  it("covers exactly the blocks of each event and keeps their order", () => {
    const history = new BlockHistory();
    history.note(1, HistoryVerb.Allocated, 100, 10, file, 0);
    history.note(2, HistoryVerb.Freed, 105, 1, file, 5);
    expect(history.of(99, owners)).toEqual([]);
    expect(history.of(110, owners)).toEqual([]);
    expect(history.of(105, owners)).toEqual([
      { at: 1, what: "blocks were given to block 5 of /db" },
      { at: 2, what: "blocks were freed by block 5 of /db" },
    ]);
  });

  it("keeps the newest events once it is full", () => {
    const history = new BlockHistory();
    const events = 2 ** 20 + 5;
    for (let index = 0; index < events; index++)
      history.note(index, HistoryVerb.Allocated, index, 1, file, 0);
    expect(history.of(4, owners)).toEqual([]);
    expect(history.of(events - 1, owners)).toHaveLength(1);
    expect(history.of(5, owners)).toHaveLength(1);
  });
});

describe("the data sheets", () => {
  it.each(deviceModels.entries().map((model) => [model.name, model] as const))(
    "of %s name their source",
    (_name, model) => {
      expect(model.source.length).toBeGreaterThan(10);
      for (const number of [model.channels, model.queueDepth, model.readBandwidth, model.writeBandwidth]) {
        expect(number).toBeGreaterThan(0);
      }
      expect(model.rotational).toBe(model.seek !== undefined);
    },
  );
});

describe("a write under way when the power fails", () => {
  /** A write of 100 blocks, cut off in the middle of its time; how many of its blocks are on the device. */
  function written(tornWrites: number): number {
    const engine = new Engine({ seed: "torn" });
    const disk = createBlockDevice(engine, { name: "vda", model: nvme, size: SIZE, faults: { tornWrites } });
    disk.submit(write(0, 100, 1));
    engine.spawn(
      "user",
      (function* () {
        yield delay("wait", 5 * MICROSECOND);
      })(),
    );
    engine.run(5 * MICROSECOND);
    engine.killAllBut(new Set());
    disk.powerLoss();
    const generations = Array.from({ length: 100 }, (_, block) => disk.contents.generationAt(block));
    const last = generations.findLastIndex((generation) => generation !== 0) + 1;
    expect(generations.slice(0, last)).toEqual(Array.from({ length: last }, (_, block) => block + 1));
    return last;
  }

  it("leaves its beginning on a disk that tears writes, and nothing on another one", () => {
    expect(written(0)).toBe(0);
    expect(written(1)).toBeGreaterThan(0);
    expect(written(1)).toBeLessThan(100);
  });
});
