import { describe, expect, it } from "vitest";
import { listed, MemoryMachine } from "../support/memory-machine.ts";

const PAGES = 400;
const write = (page: number): number => page * 2 + 1;
const read = (page: number): number => page * 2;
const each = (access: (page: number) => number): number[] =>
  Array.from({ length: PAGES }, (_, page) => access(page));

/** All pages written, read back, some of them written again, read back once more. */
const workload = [
  ...each(write),
  ...each(read),
  ...each(read)
    .filter((_, page) => page % 3 === 0)
    .map((a) => a + 1),
  ...each(read),
];

function machineWith(faults: readonly string[]): MemoryMachine {
  const machine = new MemoryMachine({ frames: 200, slots: 4000, faults });
  machine.task("worker", listed(PAGES, workload), { cpu: 1000 });
  return machine;
}

describe("the page oracle", () => {
  it("finds nothing wrong with a machine that works", () => {
    const machine = machineWith([]);
    machine.run();
    expect(machine.mm.vm.pswpin).toBeGreaterThan(PAGES);
    expect(machine.ledger.listed).toEqual([]);
  });

  it("sees a store lost when reclaim forgets a dirty bit", () => {
    const machine = machineWith(["dropDirtyBit"]);
    machine.run();
    expect(machine.ledger.byClass().L).toBeGreaterThan(0);
    expect(machine.ledger.listed[0]).toMatchObject({
      class: "L",
      what: expect.stringMatching(/^page \d+ of task worker$/),
    });
    expect(machine.ledger.totals().corruptPages).toBeGreaterThan(0);
  });

  it("sees a page whose slot was overwritten, once per overwriting, and names what it found", () => {
    const machine = machineWith([]);
    let harmed: number | undefined;
    while (harmed === undefined && machine.engine.run(machine.engine.now + 100_000).kind === "time-is-up") {
      harmed = [...machine.transport.contents.keys()].find(
        (slot) => machine.swap.count(slot) > 0 && machine.swap.lookup(slot) < 0,
      );
    }
    machine.transport.contents.set(harmed!, { generation: 999_999, owner: 0, index: 0 });
    machine.run();
    expect(machine.ledger.byClass()).toMatchObject({ A: 1, L: 0 });
    expect(machine.ledger.listed[0]?.got).toContain("generation 999999");
    expect(machine.ledger.totals().corruptPages).toBe(1);
  });
});
