import { describe, expect, it } from "vitest";
import { SECOND } from "../../../sim/engine/index.ts";
import { highPenalty } from "../../../sim/mm/memcg/charge.ts";
import { type MemCgroupLimits, NO_LIMITS } from "../../../sim/mm/memcg/mem-cgroup.ts";
import { protectionOf } from "../../../sim/mm/memcg/protection.ts";
import { frameOf, isPresent } from "../../../sim/mm/pte.ts";
import { listed, MemoryMachine } from "../../support/memory-machine.ts";

/** Writes pages 0 .. count - 1, so many rounds. */
const fill = (pages: number, rounds = 1): (() => ReturnType<ReturnType<typeof listed>>) =>
  listed(
    pages,
    Array.from({ length: pages * rounds }, (_, index) => (index % pages) * 2 + 1),
  );

/** A machine with room enough and a task in a group with limits. */
function grouped(limits: Partial<MemCgroupLimits>, pages: number, rounds = 1, options = {}) {
  const machine = new MemoryMachine({ frames: 4000, slots: 8000, pageCluster: 0, ...options });
  const group = machine.mm.createGroup("app", { ...NO_LIMITS, ...limits });
  machine.task("app", fill(pages, rounds), { group, keep: true });
  return { machine, group };
}

describe("memory.max", () => {
  it("is never exceeded, though the machine has room", () => {
    const { machine, group } = grouped({ max: 600 }, 1500, 2);
    let most = 0;
    for (let until = 0; until < SECOND; until += SECOND / 500) {
      machine.run(until);
      most = Math.max(most, group.usage);
    }
    expect(most).toBeLessThanOrEqual(600);
    expect(most).toBeGreaterThan(500);
    expect(machine.mm.vm.pswpout).toBeGreaterThan(900);
  });

  it("makes the charging task reclaim, which /proc/vmstat does not call direct", () => {
    const { machine, group } = grouped({ max: 600 }, 1500);
    const { vm } = machine.run().mm;
    expect(group.events.max).toBeGreaterThan(10);
    expect(vm.pgscan_anon).toBeGreaterThan(900);
    expect([vm.pgscan_direct, vm.pgscan_kswapd, vm.allocstall]).toEqual([0, 0, 0]);
    expect(group.counted.pgscan).toBe(vm.pgscan_anon);
  });

  it("leaves other groups alone", () => {
    const { machine } = grouped({ max: 600 }, 1500);
    const other = machine.mm.createGroup("other", NO_LIMITS);
    machine.task("other", fill(800), { group: other, keep: true });
    machine.run();
    expect(machine.mm.tasks[1]).toMatchObject({ rss: 800, swapped: 0 });
  });

  it("kills a task of the group when nothing can be freed, and no other task", () => {
    const machine = new MemoryMachine({ frames: 4000, slots: 0 });
    const group = machine.mm.createGroup("app", { ...NO_LIMITS, max: 300 });
    machine.task("bystander", fill(500), { keep: true });
    machine.task("hog", fill(900), { group });
    machine.run();
    expect(machine.mm.tasks.map(({ death }) => death)).toEqual([undefined, "oom"]);
    expect(group.events).toMatchObject({ oom: 1, oom_kill: 1 });
    expect(machine.lines).toEqual([
      expect.stringMatching(/^Memory cgroup out of memory: Killed process hog/),
    ]);
  });

  it("counts a page from swap for the group whose slot it was, whoever's readahead brings it in", () => {
    const machine = new MemoryMachine({ frames: 4000, slots: 8000, pageCluster: 3, solidState: false });
    for (const name of ["app", "other"]) {
      const group = machine.mm.createGroup(name, { ...NO_LIMITS, max: 600 });
      machine.task(name, fill(1000, 3), { group, keep: true });
    }
    const { mm } = machine.run();
    expect(mm.vm.swap_ra).toBeGreaterThan(500);
    for (const { group, ptes } of mm.tasks) {
      const resident = [...ptes].filter(isPresent);
      expect(resident.length).toBeGreaterThan(400);
      expect(new Set(resident.map((pte) => mm.groupOf(frameOf(pte))))).toEqual(new Set([group]));
    }
    expect(machine.broken()).toEqual([]);
  });

  it("gets everything back when its task ends", () => {
    const machine = new MemoryMachine({ frames: 4000, slots: 8000 });
    const group = machine.mm.createGroup("app", { ...NO_LIMITS, max: 600 });
    machine.task("app", fill(1500, 2), { group });
    machine.run();
    expect(group.usage - group.stock).toBe(0);
    expect(machine.broken()).toEqual([]);
  });
});

describe("memory.high", () => {
  it("holds a task back without killing it", () => {
    const { machine, group } = grouped({ high: 600 }, 1500);
    machine.run();
    expect(group.events.high).toBeGreaterThan(5);
    expect(group.events.max).toBe(0);
    expect(group.usage).toBeLessThan(600 + 130);
    expect(machine.mm.tasks[0]?.death).toBeUndefined();
  });

  it.each([
    ["nothing below the mark", 100, 100, 64, 0],
    ["nothing for a small overage", 8200, 8192, 64, 0],
    ["a while for an overage of a tenth", 9011, 8192, 64, 159 * 4_000_000],
    ["two seconds at most", 20_000, 8192, 64, 2 * SECOND],
  ])("makes a task sleep: %s", (_name, usage, high, owed, expected) => {
    expect(highPenalty(usage, high, owed)).toBe(expected);
  });
});

describe("memory.swap.max", () => {
  it("keeps pages in memory once it is reached", () => {
    const { machine, group } = grouped({ max: 900, swapMax: 400 }, 1200);
    machine.run();
    expect(group.swapUsage).toBeLessThanOrEqual(400);
    expect(group.swapUsage).toBeGreaterThan(200);
  });

  it("kills when memory.max and memory.swap.max together are too little", () => {
    const { machine, group } = grouped({ max: 600, swapMax: 200 }, 1500);
    machine.run();
    expect(group.events.oom_kill).toBe(1);
  });
});

describe("memory.low and memory.min", () => {
  it.each([
    [{ min: 100 }, 100, "min"],
    [{ min: 100 }, 101, "none"],
    [{ low: 100 }, 100, "low"],
    [{ low: 100, min: 50 }, 50, "min"],
    [{}, 0, "none"],
  ] as const)("protect a group with %o that uses %d pages: %s", (limits, usage, expected) => {
    expect(protectionOf({ limits: { ...NO_LIMITS, ...limits }, usage } as never)).toBe(expected);
  });

  it("make the others give way when the machine is short", () => {
    const resident = (limits: Partial<MemCgroupLimits>): number => {
      const machine = new MemoryMachine({ frames: 2000, slots: 8000 });
      const kept = machine.mm.createGroup("kept", { ...NO_LIMITS, ...limits });
      machine.task("kept", fill(800), { group: kept, keep: true });
      machine.run();
      machine.task("hog", fill(2500, 2), { keep: true });
      machine.run();
      return machine.mm.tasks[0]!.rss;
    };
    expect(resident({ low: 900 })).toBe(800);
    expect(resident({ min: 900 })).toBe(800);
    expect(resident({})).toBeLessThan(400);
  });
});
