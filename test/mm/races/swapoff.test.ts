import { describe, expect, it } from "vitest";
import { type Actor, fail } from "../../../sim/engine/index.ts";
import { exitMmap, tryToUnuse } from "../../../sim/mm/index.ts";
import { pageoutPage } from "../../../sim/mm/reclaim/pageout-page.ts";
import { makeSwap, type SwapArea, swapoff, swapon } from "../../../sim/swap/index.ts";
import { findCycle } from "../../../sim/wait-for-graph.ts";
import { MemoryTransport } from "../../support/memory-machine.ts";
import { RaceMachine } from "../../support/race-machine.ts";

function switchOff(machine: RaceMachine, area: SwapArea | undefined): Actor<unknown> {
  return swapoff(machine.swap, area ?? fail("there is an area"), (each) => tryToUnuse(machine.mm, each));
}

/** A program with page 0, and page 1 if there is room, in the slots of the only area, which is switched off. */
function beforeSwapoff(faults: readonly string[], pageCluster = 0) {
  const machine = new RaceMachine({ slots: 9, faults, pageCluster });
  const space = machine.program(4);
  machine.alone(machine.thread(space, "w0 w1"));
  machine.alone(machine.evict(space, 0)).alone(machine.evict(space, 1));
  return { machine, space, off: switchOff(machine, machine.swap.areas[0]) };
}

const SOUND = { wrong: [], broken: [], outcome: "finished" };

describe("KB-29a: a fault has read its page table entry when swapoff comes", () => {
  function faultAndSwapoff(faults: readonly string[], label: string) {
    const { machine, space, off } = beforeSwapoff(faults);
    const result = machine.race(
      { fault: machine.thread(space, "r0 r1"), swapoff: off },
      `fault    until ${label}
       swapoff  goes on
       fault    goes on`,
    );
    return { ...result, machine, deadlock: findCycle(machine.engine) };
  }

  it.each(["get_swap_device", "swapcache_prepare"])(
    "it uses tables that swapoff has freed, if nothing holds them (at %s)",
    (label) => {
      const { deadlock, machine } = faultAndSwapoff(["noSlotGuard"], label);
      expect(deadlock).toMatch(/waits in do_swap_page for an oops: it used the tables of swap/);
      expect(machine.lines.join()).toContain("use after free");
    },
  );

  it.each(["get_swap_device", "swapcache_prepare", "folio_wait_bit"])(
    "it finds its page brought back, or swapoff waits for it (at %s)",
    (label) => {
      const { machine, deadlock, race, ...rest } = faultAndSwapoff([], label);
      expect(rest).toEqual(SOUND);
      expect(race.result("swapoff")).toBeUndefined();
      expect(machine.swap.areas).toEqual([]);
    },
  );
});

describe("KB-29b: a task gives up its slots when swapoff comes", () => {
  /** Page 1 was read ahead: it stands in the swap cache and nobody maps it. */
  function exitAndSwapoff(faults: readonly string[]) {
    const { machine, space, off } = beforeSwapoff(faults, 3);
    machine.alone(machine.thread(space, "r0"));
    const result = machine.race(
      { exit: exitMmap(machine.mm, space), swapoff: off },
      `exit     until __try_to_reclaim_swap
       swapoff  goes on
       exit     goes on`,
    );
    return { ...result, machine, deadlock: findCycle(machine.engine) };
  }

  it("it looks for the page of a slot in an area that is gone, if nothing holds it", () => {
    expect(exitAndSwapoff(["noSlotGuardOnFree"]).deadlock).toMatch(/free_swap_and_cache for an oops/);
  });

  it("swapoff waits until the task is done with the area", () => {
    const { machine, deadlock, race, ...rest } = exitAndSwapoff([]);
    expect(rest).toEqual(SOUND);
    expect(race.result("swapoff")).toBeUndefined();
    expect(machine.swap.areas).toEqual([]);
  });
});

describe("KB-29c: swapoff sleeps for a page that goes to another area meanwhile", () => {
  /** Page 0 lies alone in the area that goes; pages 1 and 2 fill more than half of the one that stays. */
  function twoAreas(faults: readonly string[]) {
    const machine = new RaceMachine({ slots: 2, faults });
    const space = machine.program(4);
    const transport = new MemoryTransport(machine.engine);
    const request = { name: "second", targetPages: 4, header: makeSwap(4), priority: undefined, transport };
    machine.alone(swapon(machine.engine, machine.swap, request));
    machine.alone(machine.thread(space, "w0 w1 w2"));
    for (const page of [0, 1, 2]) machine.alone(machine.evict(space, page));
    return { machine, space };
  }

  function pageMoves(faults: readonly string[]) {
    const { machine, space } = twoAreas(faults);
    const [first] = machine.swap.areas;
    const { race, ...rest } = machine.race(
      {
        swapoff: switchOff(machine, first),
        owner: machine.thread(space, "w0"),
        reclaim: pageoutPage(machine.mm, space, 0),
        reader: machine.thread(space, "r0"),
      },
      `swapoff  until try_to_unuse (lock_page)
       owner    goes on
       reclaim  goes on
       swapoff  goes on
       reader   goes on`,
    );
    expect(race.result("swapoff")).toBeUndefined();
    return { ...rest, areas: machine.swap.areas.map(({ name }) => name) };
  }

  it("the only copy of the page is dropped from the swap cache, and the slot has never been written", () => {
    expect(pageMoves(["swapoffTrustsPage"]).wrong).toEqual(["A"]);
  });

  it("a page that stands for another slot by now is left alone", () => {
    expect(pageMoves([])).toEqual({ ...SOUND, areas: ["second"] });
  });
});
