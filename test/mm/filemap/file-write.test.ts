import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, delay, MICROSECOND, SECOND } from "../../../sim/engine/index.ts";
import { filemapWrite } from "../../../sim/mm/index.ts";
import { listed, MemoryMachine } from "../../support/memory-machine.ts";
import { SlowFile } from "../../support/slow-file.ts";

/** A task that writes pages of a file, each after a pause, and then sleeps. */
function writer(options: { frames?: number; file?: number; pages: readonly number[]; pause?: number }) {
  const { frames = 4000, file = 2000, pages, pause = 0 } = options;
  const machine = new MemoryMachine({ frames, slots: 2000 });
  const backing = new SlowFile(machine.engine, file);
  const cache = machine.mm.cacheFile(backing);
  const space = machine.mm.createTask("writer", 1);
  const progress = { written: 0, endedAt: 0 };
  machine.engine.spawn(
    "writer",
    (function* (): Actor {
      for (const page of pages) {
        if (pause > 0) yield delay("pause", pause);
        yield* filemapWrite(machine.mm, space, cache, page);
        progress.written++;
      }
      progress.endedAt = machine.engine.now;
      yield delay("sleep", 100 * SECOND);
    })(),
  );
  return { machine, backing, cache, progress };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, page) => page);

describe("a page of a file that is written", () => {
  it("goes to the disk when it is thirty seconds old, at the flusher's next look", () => {
    const { machine, backing } = writer({ pages: [7, 8, 9, 20] });
    machine.run(29 * SECOND);
    expect(backing.writes).toEqual([]);
    machine.run(40 * SECOND);
    expect(backing.writes).toEqual([
      { second: 30, pages: "7+3" },
      { second: 30, pages: "20+1" },
    ]);
  });

  it("is written once, however often it was overwritten before", () => {
    const { machine, backing } = writer({ pages: [1, 1, 1, 1] });
    machine.run(60 * SECOND);
    expect(backing.writes.map(({ pages }) => pages)).toEqual(["1+1"]);
    expect(machine.mm.vm).toMatchObject({ nr_dirtied: 1, nr_written: 1 });
  });

  it("is written again if it is overwritten after that", () => {
    const { machine, backing } = writer({ pages: [1, 1], pause: 40 * SECOND });
    machine.run(120 * SECOND);
    expect(backing.writes).toEqual([
      { second: 70, pages: "1+1" },
      { second: 110, pages: "1+1" },
    ]);
  });

  it("is written after a second boot too, which goes on counting from the first", () => {
    const { machine, backing } = writer({ pages: [1] });
    machine.mm.vm.nr_dirtied = 7;
    machine.run(60 * SECOND);
    expect(backing.writes).toEqual([{ second: 30, pages: "1+1" }]);
  });

  it("is clean, and the loss in the log, if the disk fails", () => {
    const { machine, backing, cache } = writer({ pages: [1] });
    backing.failWrites = true;
    machine.run(60 * SECOND);
    expect(machine.lines).toEqual(["data: write-back of 1 pages from page 1 on failed, they are lost"]);
    expect(cache.dirty).toBe(0);
  });
});

describe("a writer", () => {
  it("is left alone up to a tenth of memory, from where on the flusher works", () => {
    const { machine, backing, progress } = writer({ pages: upTo(350) });
    machine.run(SECOND);
    expect(progress.written).toBe(350);
    expect(backing.writes).toEqual([]);
    const more = writer({ pages: upTo(500) });
    more.machine.run(SECOND);
    expect(more.backing.writes[0]).toMatchObject({ second: 0 });
  });

  it("gets no further ahead of the disk than three twentieths of memory", () => {
    const { machine, progress } = writer({ pages: upTo(2000) });
    for (let at = SECOND / 100; progress.written < 2000; at += SECOND / 100) {
      machine.run(at);
      const { waiting, underWrite } = machine.mm.dirty;
      expect(waiting + underWrite).toBeLessThanOrEqual(601);
    }
    // 1,400 pages at 100 us each had to be written before it was through.
    expect(progress.endedAt).toBeGreaterThan(0.13 * SECOND);
  });
});

describe("reclaim", () => {
  it("never drops a dirty page: the flusher writes it first", () => {
    const { machine, progress } = writer({ frames: 700, file: 1500, pages: [...upTo(1500), ...upTo(1500)] });
    machine.task(
      "hog",
      listed(
        500,
        upTo(500).map((page) => page * 2 + 1),
      ),
      { keep: true },
    );
    for (let at = SECOND / 50; at < 3 * SECOND; at += SECOND / 50) {
      machine.run(at);
      expect(machine.broken()).toEqual([]);
      const { vm, dirty } = machine.mm;
      expect(vm.nr_written + dirty.waiting + dirty.underWrite).toBe(vm.nr_dirtied);
    }
    expect(progress.written).toBe(3000);
    expect(machine.mm.vm.pgsteal_file).toBeGreaterThan(500);
  });

  it("leaves nothing behind for any order of writes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99), { minLength: 1, maxLength: 300 }), (pages) => {
        const { machine, cache, progress } = writer({
          frames: 500,
          file: 100,
          pages,
          pause: 1000 * MICROSECOND,
        });
        machine.run(70 * SECOND);
        expect(progress.written).toBe(pages.length);
        expect([cache.dirty, machine.mm.dirty.waiting, machine.mm.dirty.underWrite]).toEqual([0, 0, 0]);
        expect(machine.broken()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
