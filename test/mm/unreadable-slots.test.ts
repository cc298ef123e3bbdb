import { describe, expect, it } from "vitest";
import { type Actor, SECOND } from "../../sim/engine/index.ts";
import { entryOf, isSwapped, type MemoryTask, tryToUnuse } from "../../sim/mm/index.ts";
import { swapoff } from "../../sim/swap/index.ts";
import { listed, MemoryMachine } from "../support/memory-machine.ts";

const PAGES = 100;

/** A program whose pages were pushed out by another one, which has ended: there is room for all of them again. */
function pushedOut(kernel: string): { readonly machine: MemoryMachine; readonly task: MemoryTask } {
  const machine = new MemoryMachine({ frames: 200, slots: 400, kernel });
  const writes = (pages: number): number[] => Array.from({ length: pages }, (_, page) => page * 2 + 1);
  const task = machine.task("worker", listed(PAGES, writes(PAGES)), { keep: true });
  machine.run(SECOND);
  machine.task("hog", listed(190, writes(190)));
  machine.run(2 * SECOND);
  return { machine, task };
}

/** Pages whose only copy is in a slot, with the number of the slot. */
function swapped({ mm, swap }: MemoryMachine): { readonly page: number; readonly slot: number }[] {
  const [area] = swap.areas;
  const [worker] = mm.tasks;
  return Array.from({ length: PAGES }, (_, page) => page)
    .filter((page) => isSwapped(worker!.pte(page)))
    .map((page) => ({ page, slot: entryOf(worker!.pte(page)) - area!.base }))
    .filter(({ slot }) => area!.cachedFrame(slot) < 0);
}

const classesOf = ({ ledger }: MemoryMachine): readonly string[] =>
  ledger.listed.map(({ class: kind }) => kind);

describe("swapoff while three slots cannot be read", () => {
  function switchOff(kernel: string): MemoryMachine {
    const { machine } = pushedOut(kernel);
    for (const { slot } of swapped(machine).slice(0, 3)) machine.transport.failingReads.add(slot);
    const off = function* (): Actor {
      const [area] = machine.swap.areas;
      yield* swapoff(machine.swap, area!, (each) => tryToUnuse(machine.mm, each));
    };
    machine.engine.spawn("swapoff", off());
    machine.run(4 * SECOND);
    expect(machine.swap.areas).toEqual([]);
    expect(machine.broken()).toEqual([]);
    return machine;
  }

  it.each(["linux-3.18", "linux-5.0"])(
    "L4: on %s the task silently gets what was in the frames",
    (kernel) => {
      expect(classesOf(switchOff(kernel))).toEqual(["A", "A", "A"]);
    },
  );

  it.each(["linux-6.1", "linux-6.18"])("on %s whoever touches those pages gets SIGBUS", (kernel) => {
    expect(classesOf(switchOff(kernel))).toEqual(["H", "H", "H"]);
  });
});

describe("L9: a page whose readahead failed", () => {
  it("L9: stays in the swap cache, and its fault gets SIGBUS although the slot can be read again", () => {
    const { machine, task } = pushedOut("linux-3.18");
    const all = swapped(machine);
    const first = all.find(({ slot }) => slot % 8 === 4 && all.some((other) => other.slot === slot + 1))!;
    const second = all.find(({ slot }) => slot === first.slot + 1)!;
    machine.transport.failingReads.add(second.slot);
    machine.engine.spawn("reader", task.runPart(listed(PAGES, [first.page * 2])()));
    machine.run(5 * SECOND);
    expect(machine.swap.areas[0]!.cachedFrame(second.slot)).toBeGreaterThanOrEqual(0);
    machine.transport.failingReads.clear();
    machine.engine.spawn("reader", task.runPart(listed(PAGES, [second.page * 2])()));
    machine.run(6 * SECOND);
    expect(machine.mm.tasks[0]?.death).toBe("sigbus");
  });
});
