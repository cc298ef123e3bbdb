import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, MICROSECOND, MILLISECOND, SECOND } from "../../sim/engine/index.ts";
import { tryToUnuse } from "../../sim/mm/index.ts";
import { swapoff } from "../../sim/swap/index.ts";
import { accesses, listed, MemoryMachine } from "../support/memory-machine.ts";

const sequential = (pages: number, write: boolean, rounds = 1): number[] =>
  Array.from({ length: pages * rounds }, (_, index) => (index % pages) * 2 + (write ? 1 : 0));

/** First writes every page in order, then what the test adds. */
const afterInit = (pages: number, more: readonly number[]) =>
  listed(pages, [...sequential(pages, true), ...more]);

describe("a task that fits in memory", () => {
  it("faults once per page and never again", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 2000 });
    machine.task("small", afterInit(100, sequential(100, true, 5)));
    const { vm } = machine.run().mm;
    expect(vm).toMatchObject({ pgfault: 100, pgmajfault: 0, pswpout: 0, pgscan_anon: 0 });
  });

  it("maps the page of zeroes when it only reads, and takes frames when it writes", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 0 });
    machine.task("reader", accesses(4, "r0 r1 r2 r3 w1"), { repeat: 1 });
    const { vm } = machine.run().mm;
    expect(vm).toMatchObject({ pgfault: 5, pgalloc: 3 });
  });

  it("gives all its memory back when it ends", () => {
    const machine = new MemoryMachine({ frames: 500, slots: 2000 });
    machine.task("passing", afterInit(900, sequential(900, false)));
    machine.run();
    machine.run(machine.engine.now + SECOND);
    expect(machine.mm.zones.free).toBe(500);
    expect(machine.swap.used).toBe(0);
    expect(machine.broken()).toEqual([]);
  });
});

describe("a task larger than memory", () => {
  it("is killed when there is no swap, with nothing swapped out", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 0 });
    machine.task("hog", afterInit(1200, []));
    const { vm, tasks } = machine.run().mm;
    expect(vm).toMatchObject({ oom_kill: 1, pswpout: 0, pgscan_anon: 0 });
    expect(tasks[0]?.death).toBe("oom");
    expect(machine.lines[0]).toMatch(/^Out of memory: Killed process hog/);
    expect(machine.mm.zones.free).toBe(1000);
  });

  it("swaps out what does not fit and costs two scans a page freed", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 2000 });
    machine.task("fill", afterInit(1500, []), { repeat: 1 });
    const { vm, marks } = machine.run().mm;
    expect(vm.pgmajfault).toBe(0);
    expect(vm.pswpout).toBeGreaterThanOrEqual(500);
    expect(vm.pswpout).toBeLessThanOrEqual(500 + marks.high + 128);
    expect(vm.pgscan_anon).toBeGreaterThanOrEqual(2 * vm.pgsteal_anon);
  });

  it("is freed a visit earlier when the transport is synchronous", () => {
    const scansPerPage = (synchronous: boolean): number => {
      const machine = new MemoryMachine({ frames: 1000, slots: 2000, synchronous, latency: 10 });
      machine.task("fill", afterInit(1500, []), { cpu: 20 * MICROSECOND });
      const { vm } = machine.run().mm;
      if (synchronous) expect(vm.pgrotated).toBe(0);
      return vm.pgscan_anon / vm.pgsteal_anon;
    };
    expect(scansPerPage(true)).toBeLessThan(scansPerPage(false) - 0.5);
  });

  it("stops writing once every page has a clean copy, if swap is at most half full", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 4000 });
    machine.task("scan", afterInit(1500, sequential(1500, false, 6)));
    const { vm } = machine.run().mm;
    expect(vm.pswpout).toBeLessThan(1600);
    expect(vm.pswpin).toBeGreaterThan(6 * 1000);
  });

  it("writes for ever when swap is more than half full, because slots are given up early", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 1800 });
    machine.task("scan", afterInit(1500, sequential(1500, false, 6)));
    expect(machine.run().mm.vm.pswpout).toBeGreaterThan(4000);
  });

  it("reads eight pages at a time in a sequential scan", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 8000, solidState: false });
    machine.task("scan", afterInit(3000, sequential(3000, false, 3)));
    const { vm } = machine.run().mm;
    expect(vm.pswpin).toBe(vm.pgmajfault + vm.swap_ra);
    expect(vm.swap_ra / vm.pgmajfault).toBeGreaterThan(3);
  });

  it("reads one page at a time with page-cluster 0", () => {
    const machine = new MemoryMachine({ frames: 1000, slots: 8000, pageCluster: 0 });
    machine.task("scan", afterInit(3000, sequential(3000, false, 2)));
    const { vm } = machine.run().mm;
    expect(vm.swap_ra).toBe(0);
    expect(vm.pswpin).toBe(vm.pgmajfault);
  });

  it("pays a second fault when it writes to a page that came back for reading", () => {
    const machine = new MemoryMachine({ frames: 200, slots: 1000, pageCluster: 0 });
    machine.task("mixed", afterInit(300, [0, 1]));
    expect(machine.run().mm.vm.pgreuse).toBe(1);
  });
});

describe("kswapd", () => {
  it("wakes below the low mark and stops above the high mark", () => {
    const machine = new MemoryMachine({ frames: 10_000, slots: 20_000 });
    machine.task("fill", afterInit(12_000, []), { cpu: 100 * MICROSECOND });
    machine.run(1100 * MILLISECOND);
    const { vm, zones, marks } = machine.mm;
    expect(vm.pgscan_kswapd).toBeGreaterThan(0);
    expect(zones.free).toBeGreaterThan(marks.min);
    expect(vm.allocstall).toBe(0);
  });

  it("leaves the work to the task when the task is faster than the disk", () => {
    const machine = new MemoryMachine({ frames: 2000, slots: 8000, latency: 5 * MILLISECOND });
    machine.task("fill", afterInit(4000, []), { cpu: 50 });
    expect(machine.run().mm.vm.allocstall).toBeGreaterThan(0);
  });
});

describe("any machine", () => {
  it("of sixteen pages works like a large one", () => {
    const machine = new MemoryMachine({ frames: 16, slots: 64 });
    machine.task("tiny", afterInit(30, sequential(30, false, 20)));
    machine.run();
    expect(machine.mm.vm.oom_kill).toBe(0);
    expect(machine.ledger.total).toBe(0);
    expect(machine.broken()).toEqual([]);
  });

  it("brings every page back right, whatever is accessed, and counts right all the way", () => {
    fc.assert(
      fc.property(
        fc.record({
          frames: fc.integer({ min: 16, max: 120 }),
          slots: fc.integer({ min: 0, max: 400 }),
          synchronous: fc.boolean(),
          solidState: fc.boolean(),
          latency: fc.integer({ min: 0, max: 2_000_000 }),
          pageCluster: fc.integer({ min: 0, max: 5 }),
        }),
        fc.array(fc.array(fc.integer({ min: 0, max: 399 }), { minLength: 1, maxLength: 300 }), {
          minLength: 1,
          maxLength: 3,
        }),
        (options, tasks) => {
          const machine = new MemoryMachine(options);
          tasks.forEach((encoded, index) => {
            machine.task(`task${index}`, listed(200, encoded), { cpu: 1000, repeat: 2 });
          });
          for (let until = 50_000; until < 2_000_000; until += 50_000) {
            machine.run(until);
            expect(machine.broken()).toEqual([]);
          }
          machine.run();
          expect(machine.ledger.listed).toEqual([]);
          expect(machine.broken()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does the same thing twice with the same seed", () => {
    const fingerprint = (): string => {
      const machine = new MemoryMachine({ frames: 300, slots: 2000 });
      machine.task("scan", afterInit(500, sequential(500, false, 3)));
      return machine.run().engine.fingerprint.toString();
    };
    expect(fingerprint()).toBe(fingerprint());
  });
});

describe("swapoff", () => {
  /** One task fills memory and swap, a second one ends and makes room; then swap is switched off. */
  const swapOff = (roomFor: number): { machine: MemoryMachine; answer: string } => {
    const machine = new MemoryMachine({ frames: 1000, slots: 4000 });
    machine.task("stays", listed(700, [...sequential(700, true), ...sequential(700, false, 400)]), {
      cpu: 10_000,
    });
    machine.task("leaves", afterInit(roomFor, []), { cpu: 13_000 });
    machine.run(9 * MILLISECOND);
    expect(machine.swap.used).toBeGreaterThan(0);
    let answer = "did not end";
    const [area] = machine.swap.areas;
    machine.engine.spawn(
      "swapoff",
      (function* (): Actor {
        answer = (yield* swapoff(machine.swap, area!, (each) => tryToUnuse(machine.mm, each))) ?? "ok";
      })(),
    );
    machine.run();
    return { machine, answer };
  };

  it("brings every page back right and leaves nothing behind", () => {
    const { machine, answer } = swapOff(600);
    expect(answer).toBe("ok");
    expect(machine.swap).toMatchObject({ total: 0, free: 0 });
    expect(machine.ledger.listed).toEqual([]);
    expect(machine.broken()).toEqual([]);
  });
});

describe("the price of a page", () => {
  it("is at most 64 bytes for a page of RAM and a page of a task together", () => {
    const pages = 1_000_000;
    const before = process.memoryUsage().arrayBuffers;
    const machine = new MemoryMachine({ frames: pages, slots: 0 });
    const task = machine.mm.createTask("large", pages);
    const bytes = (process.memoryUsage().arrayBuffers - before) / pages;
    expect(task.ptes).toHaveLength(pages);
    expect(bytes).toBeGreaterThan(20);
    expect(bytes).toBeLessThan(64);
  });
});

describe("failing I/O", () => {
  it("keeps a page in memory, dirty, when its write fails", () => {
    const machine = new MemoryMachine({ frames: 300, slots: 1000 });
    machine.transport.failWrites = true;
    machine.task("fill", afterInit(290, sequential(290, false, 3)));
    machine.run(SECOND);
    expect(machine.ledger.total).toBe(0);
    expect(machine.transport.contents.size).toBe(0);
  });

  it("ends as SIGBUS in the task whose page cannot be read, and in no other", () => {
    const machine = new MemoryMachine({ frames: 200, slots: 1000, pageCluster: 0 });
    machine.task("unlucky", afterInit(300, sequential(300, false)));
    for (let slot = 1; slot < 1000; slot++) machine.transport.failingReads.add(slot);
    machine.run();
    expect(machine.mm.tasks[0]?.death).toBe("sigbus");
    expect(machine.ledger.byClass().H).toBe(1);
  });
});
