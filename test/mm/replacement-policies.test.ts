import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MICROSECOND, MILLISECOND, SECOND } from "../../sim/engine/index.ts";
import { simulate } from "../../sim/index.ts";
import { isSwapped, type MemoryTaskOptions, PG, reclaimPolicies } from "../../sim/mm/index.ts";
import { replacements } from "../../sim/replacement/index.ts";
import { patterns } from "../../workloads/index.ts";
import { listed, MemoryMachine, type MemoryMachineOptions } from "../support/memory-machine.ts";
import { plain, smallScenario } from "../support/scenarios.ts";

/** Encoded accesses to pages `from` .. `to`, downwards if `from` is the larger one. */
function sweep(from: number, to: number, mark: "r" | "w"): number[] {
  const step = from <= to ? 1 : -1;
  const length = Math.abs(to - from) + 1;
  return Array.from({ length }, (_, index) => (from + index * step) * 2 + (mark === "w" ? 1 : 0));
}

/** Runs one task and returns the machine. */
function runTask(
  options: Partial<MemoryMachineOptions>,
  pages: number,
  accesses: readonly number[],
  task: Partial<MemoryTaskOptions> = {},
): MemoryMachine {
  const machine = new MemoryMachine({ frames: 300, slots: 4000, pageCluster: 0, ...options });
  machine.task("task", listed(pages, accesses), { cpu: 100 * MICROSECOND, ...task });
  return machine;
}

/** The first pages of the first task that are swapped out, ten or a few more, in ascending order. */
function firstVictims(machine: MemoryMachine): number[] {
  const victims = new Set<number>();
  for (let until = 0; victims.size < 10 && until < SECOND; until += 20 * MICROSECOND) {
    machine.run(until);
    const [task] = machine.mm.tasks;
    for (let page = 0; page < (task?.pages ?? 0); page++) if (isSwapped(task!.pte(page))) victims.add(page);
  }
  return [...victims].sort((left, right) => left - right);
}

describe("the page that goes", () => {
  /** 200 pages are written upwards and read downwards, then new ones are wanted, with 50 old ones in between. */
  const string = [
    ...sweep(0, 199, "w"),
    ...sweep(199, 0, "r"),
    ...sweep(200, 300, "w"),
    ...sweep(0, 150, "r"),
    ...sweep(300, 340, "w"),
  ];
  const victims = (reclaim: string): number[] => firstVictims(runTask({ reclaim }, 400, string));
  const upFrom = (first: number, { length }: readonly number[]): number[] =>
    Array.from({ length }, (_, index) => first + index);

  it("is with FIFO the one that came first", () => {
    const found = victims("fifo");
    expect(found).toEqual(upFrom(0, found));
  });

  it("is with exact LRU the one that was not used for longest", () => {
    const found = victims("lru");
    expect(found).toEqual(upFrom(200 - found.length, found));
  });

  it("is with CLOCK the first one in the circle when all have been used", () => {
    const found = victims("clock");
    expect(found).toEqual(upFrom(0, found));
  });

  it("is with ARC one that was used once, of which there are only new ones", () => {
    const found = victims("arc");
    expect(found).toEqual(upFrom(200, found));
  });

  it("is with Bélády's optimum one that is never used again", () => {
    const found = victims("min");
    expect(found.length).toBeGreaterThanOrEqual(10);
    for (const page of found) {
      expect(page).toBeGreaterThan(150);
      expect(page).not.toBe(300);
    }
  });
});

describe("CLOCK", () => {
  it("spares pages whose accessed bit the hardware has set since the hand passed", () => {
    // Pages 0 .. 19 are used again and again; all others once.
    const often = sweep(0, 19, "r");
    const accesses = sweep(0, 199, "w");
    for (let page = 200; page < 900; page++) accesses.push(page * 2 + 1, ...often);
    const missesOf = (reclaim: string): number => {
      const sizes = [290, 295, 300, 305, 310];
      const misses = sizes.map(
        (frames) => runTask({ reclaim, frames }, 1000, accesses).run().mm.vm.pgmajfault,
      );
      return misses.reduce((sum, count) => sum + count, 0);
    };
    expect(missesOf("clock")).toBeLessThan(0.7 * missesOf("fifo"));
  });
});

describe("a sweep that is larger than memory, again and again", () => {
  const accesses = [...sweep(0, 399, "w")];
  for (let round = 0; round < 6; round++) accesses.push(...sweep(0, 399, "r"));
  const missesOf = (reclaim: string): number => runTask({ reclaim }, 400, accesses).run().mm.vm.pgmajfault;

  it.each(["lru", "fifo", "clock"])("always misses with %s", (name) => {
    expect(missesOf(name)).toBe(6 * 400);
  });

  it("misses with Bélády's optimum only for what does not fit", () => {
    const misses = missesOf("min");
    // 400 pages, 300 frames less what the watermarks keep free: a bit more than 100 misses a round.
    expect(misses).toBeGreaterThanOrEqual(6 * 100);
    expect(misses).toBeLessThan(6 * 170);
  });
});

describe("a Zipf workload", () => {
  const majorFaults = (reclaim: string): number => {
    const machine = new MemoryMachine({ frames: 400, slots: 4000, pageCluster: 0, reclaim });
    const open = () =>
      patterns.require("zipf").create({ pages: 2000, accesses: 30_000, writes: 0.2, seed: 5, permute: true });
    machine.task("zipf", open, { cpu: 20 * MICROSECOND, init: true });
    machine.run();
    expect(machine.ledger.listed).toEqual([]);
    return machine.mm.vm.pgmajfault;
  };
  const found = new Map(reclaimPolicies.names().map((name) => [name, majorFaults(name)]));

  it("faults least with Bélády's optimum", () => {
    for (const [name, faults] of found) if (name !== "min") expect(faults).toBeGreaterThan(found.get("min")!);
  });

  it("faults in the order in which the papers put the policies", () => {
    expect(found.get("lru")!).toBeLessThan(found.get("fifo")!);
    expect(found.get("clock")!).toBeLessThan(found.get("fifo")!);
    expect(found.get("arc")!).toBeLessThan(found.get("lru")!);
    expect(found.get("s3-fifo")!).toBeLessThan(found.get("lru")!);
  });
});

describe("Bélády's optimum", () => {
  it("knows the init phase, repetitions and accesses to the page of zeroes", () => {
    const accesses = [...sweep(100, 399, "r"), ...sweep(400, 430, "r"), ...sweep(0, 399, "w")];
    const machine = runTask({ reclaim: "min" }, 450, accesses, { init: false, repeat: 2 }).run();
    expect(machine.mm.tasks[0]?.death).toBeUndefined();
    const withInit = runTask({ reclaim: "min" }, 450, accesses, { init: true, repeat: 3 }).run();
    expect(withInit.broken()).toEqual([]);
  });

  it("does not pretend to know the future of two tasks", () => {
    const machine = runTask({ reclaim: "min" }, 10, sweep(0, 9, "w"));
    machine.task("second", listed(10, sweep(0, 9, "w")));
    expect(() => machine.run()).toThrow("a policy that knows the future knows that of one task");
  });
});

describe("a page on its way out", () => {
  /** Memory is filled; then the pages that were chosen first are wanted again before their slow writes end. */
  const wantedAgain = [...sweep(0, 299, "w"), ...sweep(0, 9, "r"), ...sweep(100, 109, "r")];

  it.each(["lru", "arc", "s3-fifo"])("is in memory again as soon as it is used, with %s", (reclaim) => {
    const machine = runTask({ reclaim, latency: SECOND }, 300, wantedAgain);
    const leavingBeforeAndAfter = new Set<string>();
    for (let until = 0; until < 33 * MILLISECOND; until += 20 * MICROSECOND) {
      machine.run(until);
      const { frames, root } = machine.mm;
      let mapped = 0;
      for (let frame = 0; frame < 300; frame++) if (frames.has(frame, PG.Mapped | PG.Lru)) mapped++;
      const { resident = 0, leaving = 0 } = root.lruvec.sizes();
      leavingBeforeAndAfter.add(`${leaving > 0} ${resident + leaving === mapped}`);
      expect(machine.broken()).toEqual([]);
    }
    expect(machine.mm.writeback).toBeGreaterThan(0);
    expect(machine.mm.vm.pgmajfault).toBe(0);
  });
});

describe("the kernel", () => {
  it("chooses the policy where nobody else does", () => {
    expect(new MemoryMachine({ frames: 16, slots: 0 }).mm.root.lruvec.sizes()).toHaveProperty(
      "inactive_anon",
    );
    expect(new MemoryMachine({ frames: 16, slots: 0, reclaim: "lru" }).mm.root.lruvec.sizes()).toEqual({
      resident: 0,
      leaving: 0,
    });
  });
});

describe("a whole machine", () => {
  it("swaps to a file on btrfs with the policy that the scenario names", () => {
    const { machine, ...rest } = smallScenario({ duration: 8 * SECOND });
    const run = (reclaim: string) =>
      simulate({ ...rest, machine: { ...machine, reclaim } }, plain("direct-io"));
    const { verdict, checks, counters, fingerprint } = run("arc");
    expect({ verdict, checks }).toEqual({ verdict: "correct", checks: [] });
    expect(counters["workingset_refault_anon"]).toBeGreaterThan(0);
    expect(run("clock").fingerprint).not.toBe(fingerprint);
  });
});

describe.each(replacements.names())("a machine with %s", (reclaim) => {
  const tasksAtMost = replacements.require(reclaim).needsFuture ? 1 : 3;

  it("of sixteen pages works like a large one", () => {
    const machine = runTask({ reclaim, frames: 16, slots: 64 }, 30, sweep(0, 29, "w"), { repeat: 20 });
    machine.run();
    expect(machine.mm.vm.oom_kill).toBe(0);
    expect(machine.broken()).toEqual([]);
  });

  it("kills a task when swap is full, and gives all memory back", () => {
    const machine = runTask({ reclaim, slots: 100 }, 600, sweep(0, 599, "w"));
    machine.run();
    machine.run(machine.engine.now + SECOND);
    expect(machine.mm.vm.oom_kill).toBe(1);
    expect(machine.mm.zones.free).toBe(300);
    expect(machine.broken()).toEqual([]);
  });

  it("frees pages whose write failed later, when it can be repeated", () => {
    const machine = runTask({ reclaim, frames: 200 }, 400, sweep(0, 399, "w"));
    machine.transport.failWrites = true;
    machine.run(30 * MILLISECOND);
    expect(machine.broken()).toEqual([]);
    machine.transport.failWrites = false;
    machine.run();
    expect(machine.mm.vm.oom_kill).toBe(0);
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
          maxLength: tasksAtMost,
        }),
        (options, tasks) => {
          const machine = new MemoryMachine({ ...options, reclaim });
          tasks.forEach((encoded, index) => {
            machine.task(`task${index}`, listed(200, encoded), { cpu: 1000, repeat: 2 });
          });
          for (let until = 50_000; until < 2_000_000; until += 150_000) {
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
});
