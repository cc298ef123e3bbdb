import { describe, expect, it } from "vitest";
import { GenerationCounter } from "../../sim/block/index.ts";
import { PageOracle, ViolationLedger } from "../../sim/oracle/index.ts";
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

describe("the story of a wrong page", () => {
  /** What is told of a slot in block 9 that must hold generation 5 and was read, when its file has left block 3. */
  function storyOf(found: number, inOldPlace: number): readonly string[] {
    const ledger = new ViolationLedger();
    const oracle = new PageOracle({
      now: () => 30,
      generations: new GenerationCounter(),
      ledger,
      look: () => ({
        slot: "slot 0 of /swap, block 9 of vda",
        content: { generation: found, owner: 0, index: 0 },
        writtenBy: "block 0 of /swap",
        history: () => [{ at: 20, what: "blocks were given to block 0 of /swap" }],
        left: () => [{ at: 20, block: "block 3 of vda", generation: inOldPlace }],
      }),
    });
    oracle.slotWritten(0, 5);
    oracle.slotRead(0, found);
    return ledger.listed.flatMap(({ because }) => because.map(({ what }) => what));
  }

  it("says that a page-out wrote to the place that its file had left", () => {
    expect(storyOf(2, 5)).toEqual([
      "the file moved away from block 3 of vda; its bytes had been copied when a page-out wrote generation 5 to that old place",
      "blocks were given to block 0 of /swap",
      "swap_readpage read the slot; the block holds block 0 of /swap",
    ]);
  });

  it.each([
    ["the old place holds something else", 2, 4],
    ["somebody has written to the new place since", 8, 5],
    ["the new place was discarded", 0, 5],
  ])("does not say so if %s", (_why, found, inOldPlace) => {
    expect(storyOf(found, inOldPlace).join()).not.toContain("old place");
  });
});
