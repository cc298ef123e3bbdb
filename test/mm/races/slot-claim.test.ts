import { describe, expect, it } from "vitest";
import { RaceMachine } from "../../support/race-machine.ts";

/** A program of two threads whose page 0 lies in the only slot of a zram device. */
function twoThreads(faults: readonly string[], slots = 2) {
  const machine = new RaceMachine({ inMemory: true, slots, faults });
  const space = machine.program(4);
  machine.alone(machine.thread(space, "w0")).alone(machine.evict(space, 0));
  return { machine, space };
}

describe("KB-27: two threads read one slot past the swap cache", () => {
  /** B has its page, changes it and loses it to the same slot, while A holds what it read there before. */
  function slotUsedAgain(faults: readonly string[]) {
    const { machine, space } = twoThreads(faults);
    const actors = {
      A: machine.thread(space, "r0 r0"),
      B: machine.thread(space, "w0"),
      reclaim: machine.evict(space, 0),
    };
    const result = machine.race(
      actors,
      `A        until do_swap_page (pte_same)
       B        goes on
       reclaim  goes on
       A        goes on`,
    );
    return { ...result, vm: machine.mm.vm };
  }

  it("A maps bytes of yesterday if only the number of the slot is compared", () => {
    const { wrong, outcome } = slotUsedAgain(["noPinSlotOnRead"]);
    expect(wrong).toEqual(["A"]);
    expect(outcome).toBe("finished");
  });

  it("B waits while A has claimed the slot, and both get what was stored last", () => {
    const { wrong, broken, outcome, vm } = slotUsedAgain([]);
    expect({ wrong, broken, outcome }).toEqual({ wrong: [], broken: [], outcome: "finished" });
    expect(vm.pswpin).toBeGreaterThan(0);
  });

  it("a claim does not outlast the fault that made it: the slot is free afterwards", () => {
    const { machine, space } = twoThreads([]);
    machine.alone(machine.thread(space, "r0"));
    expect(machine.swap.used).toBe(0);
    machine.alone(machine.evict(space, 0)).alone(machine.thread(space, "w0 r0"));
    expect(machine.ledger.total).toBe(0);
    expect(machine.broken()).toEqual([]);
  });
});
