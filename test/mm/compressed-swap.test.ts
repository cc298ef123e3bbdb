import { describe, expect, it } from "vitest";
import { type Actor, delay } from "../../sim/engine/index.ts";
import { zpools } from "../../sim/swap/index.ts";
import { listed, MemoryMachine, uniformEncoded } from "../support/memory-machine.ts";

/** Every page written, then uniform accesses; page by page of another compressibility. */
function throughZswap(zpool: string, maxPages: number): MemoryMachine {
  const machine = new MemoryMachine({ frames: 600, slots: 4000, zswap: { zpool, maxPages } });
  const sweep = Array.from({ length: 1500 }, (_, page) => page * 2 + 1);
  machine.task("task", listed(1500, [...sweep, ...uniformEncoded(1500, 5000, 1)]), {
    cpu: 2000,
    // Same-filled, well, badly and not compressible.
    compressedSize: (page) => [0, 700, 2500, 5000][page % 4]!,
    keep: true,
  });
  return machine.run();
}

describe("zswap in front of a disk", () => {
  it.each(zpools.names())("brings every page back right, whoever kept it, with %s", (zpool) => {
    const machine = throughZswap(zpool, 60);
    const { vm, zswap } = machine.mm;
    expect(machine.ledger.total).toBe(0);
    expect(machine.broken()).toEqual([]);
    expect(vm.zswpin).toBeGreaterThan(300);
    expect(vm.pswpin).toBeGreaterThan(300);
    expect(zswap!.pages).toBeLessThanOrEqual(61);
    expect(vm.pgmajfault + vm.swap_ra).toBe(vm.zswpin + vm.pswpin);
  });

  it("writes the oldest entries back when it is full, if the allocator can", () => {
    expect(throughZswap("zbud", 30).mm.zswap!.stats.writtenBack).toBeGreaterThan(0);
    expect(throughZswap("zsmalloc", 30).mm.zswap!.stats.writtenBack).toBe(0);
  });

  it("makes room once more if the pool is full again while it makes room", () => {
    const machine = new MemoryMachine({ frames: 600, slots: 4000, zswap: { zpool: "zbud", maxPages: 30 } });
    const { engine } = machine;
    const zswap = machine.mm.zswap!;
    let runs = 0;
    zswap.shrink = function* (): Actor {
      runs++;
      if (runs === 1) zswap.onFull();
      yield delay("shrink_worker", 10);
    };
    engine.spawn(
      "store",
      (function* (): Actor {
        yield delay("boot", 10);
        zswap.onFull();
        yield delay("sleep", 1000);
      })(),
    );
    machine.run();
    expect(runs).toBe(2);
  });

  it("needs no disk at all while everything fits", () => {
    const machine = new MemoryMachine({
      frames: 600,
      slots: 4000,
      zswap: { zpool: "zsmalloc", maxPages: 500 },
    });
    const sweep = Array.from({ length: 900 }, (_, page) => page * 2 + 1);
    machine.task("task", listed(900, sweep), { compressedSize: () => 400, keep: true });
    const { vm } = machine.run().mm;
    expect(vm.zswpout).toBeGreaterThan(200);
    expect(vm.pswpout).toBe(0);
  });
});
