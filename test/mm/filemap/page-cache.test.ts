import { describe, expect, it } from "vitest";
import type { Actor } from "../../../sim/engine/index.ts";
import { filemapRead, loadMapped, PG } from "../../../sim/mm/index.ts";
import { listed, MemoryMachine } from "../../support/memory-machine.ts";
import { SlowFile } from "../../support/slow-file.ts";

/** A task that reads pages of a file, by system calls or with loads from a mapping. */
function reader(options: {
  frames: number;
  file: number;
  pages: readonly number[];
  mapped?: boolean;
  reclaim?: string;
}) {
  const { frames, file, pages, mapped = false, reclaim = "classic" } = options;
  const machine = new MemoryMachine({ frames, slots: 2000, reclaim });
  const backing = new SlowFile(machine.engine, file);
  const cache = machine.mm.cacheFile(backing);
  const space = machine.mm.createTask("reader", 1);
  const read = mapped ? loadMapped : filemapRead;
  machine.engine.spawn(
    "reader",
    (function* (): Actor {
      for (const page of pages) yield* read(machine.mm, space, cache, page);
    })(),
  );
  return { machine, cache, backing, space };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, page) => page);

describe("the page cache", () => {
  it("asks the disk once for a page that is read twice", () => {
    const { machine, backing } = reader({ frames: 500, file: 8, pages: [...upTo(8), ...upTo(8)] });
    machine.run();
    expect(backing.reads).toEqual(["0+4", "4+4"]);
  });

  it("makes one request of each stretch that is missing", () => {
    const { machine, backing } = reader({ frames: 500, file: 200, pages: upTo(200) });
    machine.run();
    expect(backing.reads.slice(0, 4)).toEqual(["0+4", "4+8", "12+16", "28+32"]);
  });

  it("gives way to anonymous memory without a single page swapped, as long as it is there", () => {
    const { machine, cache } = reader({ frames: 1000, file: 2000, pages: upTo(2000) });
    machine.run();
    machine.task(
      "writer",
      listed(
        300,
        upTo(300).map((page) => page * 2 + 1),
      ),
      { keep: true },
    );
    machine.run();
    expect(machine.mm.vm.pgsteal_file).toBeGreaterThan(1000);
    expect(machine.mm.vm.pswpout).toBe(0);
    expect(cache.cached).toBeLessThan(700);
    expect(machine.broken()).toEqual([]);
  });

  it.each(["classic", "mglru"])("keeps what is read often under %s", (reclaim) => {
    const often = upTo(60);
    const pages = [...often, ...often, ...often];
    for (let page = 100; page < 3000; page++) pages.push(page, ...(page % 50 === 0 ? often : []));
    const { machine, cache } = reader({ frames: 800, file: 3000, pages, reclaim });
    machine.run();
    expect(often.filter((page) => cache.has(page)).length).toBeGreaterThan(50);
  });
});

describe("a mapped file", () => {
  it("is mapped in windows: one major and one minor fault for 32 pages once readahead runs", () => {
    const { machine, space } = reader({ frames: 4000, file: 3200, pages: upTo(3200), mapped: true });
    machine.run();
    expect(space.majorFaults).toBeGreaterThan(95);
    expect(space.majorFaults).toBeLessThan(110);
    expect(space.faults - space.majorFaults).toBeGreaterThan(90);
    expect(machine.mm.vm.pgmajfault).toBeLessThan(10);
    expect(machine.broken()).toEqual([]);
  });

  it("is unmapped when its pages go, and faults again", () => {
    const { machine, cache } = reader({ frames: 500, file: 1500, pages: [...upTo(1500), 0], mapped: true });
    machine.run();
    const mapped = upTo(1500).filter(
      (page) => cache.has(page) && machine.mm.frames.has(cache.frameOf(page), PG.Mapped),
    );
    expect(mapped).toContain(0);
    expect(mapped.length).toBeLessThan(500);
    expect(machine.broken()).toEqual([]);
  });
});
