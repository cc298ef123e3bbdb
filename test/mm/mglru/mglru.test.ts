import { describe, expect, it } from "vitest";
import { NO_LIMITS } from "../../../sim/mm/memcg/mem-cgroup.ts";
import { listed, MemoryMachine, uniformEncoded } from "../../support/memory-machine.ts";

const sweep = (pages: number, rounds: number, write = true): number[] =>
  Array.from({ length: pages * rounds }, (_, index) => (index % pages) * 2 + (write ? 1 : 0));

function run(reclaim: string, pages: number, accesses: readonly number[], frames = 1000): MemoryMachine {
  const machine = new MemoryMachine({ frames, slots: 8000, reclaim, pageCluster: 0 });
  machine.task("task", listed(pages, accesses), { cpu: 2000 });
  return machine.run();
}

describe("MGLRU", () => {
  it("evicts a first sequential fill without an activation, each page after two looks", () => {
    const { vm } = run("mglru", 1800, sweep(1800, 1)).mm;
    expect(vm.pgactivate).toBe(0);
    expect(vm.pgscan_anon).toBeLessThan(2.2 * vm.pgsteal_anon);
  });

  it("keeps part of a loop that is a little too large, of which the classic LRU keeps nothing", () => {
    const accesses = [...sweep(1100, 1), ...sweep(1100, 8, false)];
    const misses = (reclaim: string): number => run(reclaim, 1100, accesses).mm.vm.pgmajfault;
    expect(misses("mglru")).toBeLessThan(0.8 * misses("classic"));
  });

  it("spares what is used again and again", () => {
    const hot = sweep(100, 1, false);
    const accesses = sweep(100, 1);
    for (let page = 100; page < 4000; page++) accesses.push(page * 2 + 1, ...(page % 20 === 0 ? hot : []));
    expect(run("mglru", 4000, accesses).mm.vm.pgmajfault).toBeLessThan(60);
  });

  it("counts a refault only while the generation of the eviction is still the oldest", () => {
    const { vm } = run("mglru", 2000, [...sweep(2000, 1), ...uniformEncoded(2000, 6000, 1)]).mm;
    expect(vm.workingset_refault_anon).toBeGreaterThan(0);
    expect(vm.workingset_refault_anon).toBeLessThan(vm.pswpin);
    expect(vm.workingset_restore_anon).toBe(vm.workingset_refault_anon);
  });

  it("leaves aging out for all groups at once, not for the first one only", () => {
    const machine = new MemoryMachine({ frames: 3000, slots: 8000, reclaim: "mglru" });
    const group = machine.mm.createGroup("app", NO_LIMITS);
    const asked = machine.mm.groups.map(({ lruvec }) => {
      const age = lruvec.age.bind(lruvec);
      const count = { times: 0 };
      lruvec.age = (scan) => {
        count.times++;
        return age(scan);
      };
      return count;
    });
    machine.task("hog", listed(4000, sweep(4000, 3)), { cpu: 2000, group });
    machine.run();
    expect(asked[0]!.times).toBeGreaterThan(3);
    expect(asked[1]).toEqual(asked[0]);
  });

  describe("with min_ttl_ms", () => {
    const SECOND = 1_000_000_000;

    /** A task that uses more than there is, again and again, and one that sleeps on some pages of its own. */
    function thrashing(minTtl: number, reclaim = "mglru"): MemoryMachine {
      const machine = new MemoryMachine({ frames: 3000, slots: 8000, reclaim, minTtl });
      machine.task("hog", listed(4000, sweep(4000, 5)), { cpu: 2000, keep: true });
      machine.task("small", listed(100, sweep(100, 1)), { cpu: 2000, keep: true });
      return machine.run(SECOND / 4);
    }

    const deaths = ({ mm }: MemoryMachine) => mm.tasks.map(({ death }) => death ?? "none");

    it("kills the largest task rather than taking what was used lately", () => {
      const machine = thrashing(10 * SECOND);
      expect(deaths(machine)).toEqual(["oom", "none"]);
      expect(machine.lines[0]).toContain("Out of memory: Killed process hog");
      expect(machine.broken()).toEqual([]);
    });

    it.each([0, 1])("lets reclaim go on where something is older: %d ns", (minTtl) => {
      const machine = thrashing(minTtl);
      expect(deaths(machine)).toEqual(["none", "none"]);
      expect(machine.mm.vm.pswpin).toBeGreaterThan(100);
    });

    it("changes nothing for the classic LRU", () => {
      expect(deaths(thrashing(10 * SECOND, "classic"))).toEqual(["none", "none"]);
    });
  });

  it("has every page on one list and counts it once, whatever it does", () => {
    const machine = new MemoryMachine({ frames: 700, slots: 8000, reclaim: "mglru" });
    machine.task("one", listed(900, [...sweep(900, 1), ...uniformEncoded(900, 4000, 2)]), { cpu: 1500 });
    machine.task("two", listed(500, [...sweep(500, 1), ...uniformEncoded(500, 4000, 3)]), { cpu: 2500 });
    for (let until = 0; until < 4e8; until += 1e6) {
      machine.run(until);
      expect(machine.broken()).toEqual([]);
    }
    expect(machine.mm.vm.pswpin).toBeGreaterThan(1000);
    expect(machine.ledger.total).toBe(0);
  });
});
