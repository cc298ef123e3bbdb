import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Plug } from "../../sim/block/index.ts";
import { countSwapReferences } from "../../sim/checks/memory.ts";
import { type Actor, MICROSECOND, MILLISECOND, SECOND, sleep } from "../../sim/engine/index.ts";
import { handleMmFault } from "../../sim/mm/fault.ts";
import {
  type AddressSpace,
  dupMmap,
  exitThread,
  frameOf,
  isPresent,
  isSwapped,
  PG,
  tryToFreePages,
  tryToUnuse,
} from "../../sim/mm/index.ts";
import { pageoutPage } from "../../sim/mm/reclaim/pageout-page.ts";
import { scanControl } from "../../sim/mm/reclaim/scan-control.ts";
import { ShrinkBatch, shrinkFolioList } from "../../sim/mm/reclaim/shrink-folio-list.ts";
import { clearYoung } from "../../sim/mm/rmap.ts";
import { scriptTask } from "../../sim/mm/tasks/script-task.ts";
import { listed, MemoryMachine, type MemoryMachineOptions } from "../support/memory-machine.ts";

/** Programs of a few pages that do what lines say, one line after the other: `parent w0 w1`, `parent forks child`. */
class Family {
  readonly machine: MemoryMachine;
  readonly #programs = new Map<string, AddressSpace>();

  constructor(options: Partial<MemoryMachineOptions> = {}) {
    this.machine = new MemoryMachine({ frames: 64, slots: 40, pageCluster: 0, ...options });
    this.machine.run();
  }

  program(name: string): AddressSpace {
    const made = this.#programs.get(name) ?? this.machine.mm.createTask(name, 4);
    this.#programs.set(name, made);
    return made;
  }

  play(script: string): this {
    for (const line of script.trim().split("\n")) this.#line(line.trim());
    expect(this.machine.broken()).toEqual([]);
    return this;
  }

  #line(line: string): void {
    const [name = "", verb = "", whom = ""] = line.split(" ");
    const program = this.program(name);
    if (verb === "forks") this.#alone(dupMmap(this.machine.mm, program, this.program(whom)));
    else if (verb === "loses") this.#alone(pageoutPage(this.machine.mm, program, Number(whom)));
    else if (verb === "exits") this.#alone(scriptTask(this.machine.mm, program, []));
    else this.#alone(this.#accesses(program, line.slice(name.length + 1)));
  }

  *#accesses(program: AddressSpace, text: string): Actor {
    for (const word of text.split(" ")) {
      const page = Number(word.slice(1));
      const script = [{ do: word[0] === "w" ? "store" : "load", page, pages: 1 } as const];
      // A thread more, so that the end of the script is not that of the program.
      program.threads++;
      yield* scriptTask(this.machine.mm, program, script);
    }
  }

  #alone(actor: Actor<unknown>): void {
    const { engine } = this.machine;
    engine.spawn("alone", actor);
    engine.run(engine.now + SECOND);
  }

  get vm() {
    return this.machine.mm.vm;
  }

  /** What has been found wrong with contents. */
  get wrong(): readonly string[] {
    return this.machine.ledger.listed.map(({ what }) => what);
  }

  /** Whether two programs have a page in one frame. */
  share(first: string, second: string, page: number): boolean {
    const [one, other] = [this.program(first).pte(page), this.program(second).pte(page)];
    return isPresent(one) && isPresent(other) && frameOf(one) === frameOf(other);
  }
}

describe("fork", () => {
  it("shares every page until either program writes to it, and then only the writer gets a copy", () => {
    const family = new Family().play(`
      parent w0 w1
      parent forks child
      child r0`);
    expect([family.share("parent", "child", 0), family.share("parent", "child", 1)]).toEqual([true, true]);
    const { free } = family.machine.mm.zones;
    family.play("parent w0");
    expect([family.share("parent", "child", 0), family.share("parent", "child", 1)]).toEqual([false, true]);
    expect(family.machine.mm.zones.free).toBe(free - 1);
    expect(family.program("parent").rss).toBe(2);
    expect(family.program("child").rss).toBe(2);
  });

  it("of a swapped program: the first to read the page pays for it, the second finds it in the swap cache", () => {
    const family = new Family().play(`
      parent w0
      parent loses 0
      parent forks child`);
    expect(isSwapped(family.program("child").pte(0))).toBe(true);
    family.play(`
      parent r0
      child r0`);
    expect(family.vm).toMatchObject({ pgmajfault: 1, pswpin: 1 });
    expect(family.share("parent", "child", 0)).toBe(true);
    expect([family.program("parent").majorFaults, family.program("child").majorFaults]).toEqual([1, 0]);
  });

  it("unmaps a shared page from both when it goes to swap, in one slot", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      child loses 0`);
    expect(isSwapped(family.program("parent").pte(0))).toBe(true);
    expect(isSwapped(family.program("child").pte(0))).toBe(true);
    expect([family.machine.swap.used, family.vm.pswpout]).toEqual([1, 1]);
  });

  it("gives each its own bytes of a page that one of them wrote after the fork", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      parent w0
      parent loses 0
      child loses 0
      child r0
      parent r0`);
    expect(family.vm).toMatchObject({ pswpout: 2, pswpin: 2 });
    expect(family.wrong).toEqual([]);
  });

  it("copies a page that comes back from swap for a write while the other still has it there", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      parent loses 0
      child w0
      child loses 0
      parent r0
      child r0`);
    expect(family.wrong).toEqual([]);
    expect(family.share("parent", "child", 0)).toBe(false);
  });

  it("keeps the slot of a page that comes back for a write while the other one maps it", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      parent loses 0
      parent r0
      child w0`);
    expect(family.machine.swap.used).toBe(1);
    family.play("parent loses 0");
    expect(family.vm.pswpout).toBe(1);
  });

  it("activates a page that two of them used, which one use alone would not", () => {
    const activated = (readers: string): boolean => {
      const family = new Family().play(`
        parent w0
        parent forks child`);
      const { engine, mm } = family.machine;
      const frame = frameOf(family.program("parent").pte(0));
      clearYoung(mm, frame);
      family.play(readers);
      mm.batches.drain();
      mm.root.lruvec.remove(frame);
      engine.spawn(
        "reclaim",
        shrinkFolioList(mm, mm.root, new ShrinkBatch([frame]), scanControl("kswapd", 1), new Plug()),
      );
      engine.run(engine.now + MILLISECOND);
      return mm.frames.has(frame, PG.Active);
    };
    expect([activated("parent r0"), activated("parent r0\nchild r0")]).toEqual([false, true]);
  });

  it("waits until its parent is in no fault", () => {
    const family = new Family({ latency: 100 * MILLISECOND }).play("parent w0\nparent loses 0");
    const { engine, mm } = family.machine;
    const [parent, child] = [family.program("parent"), family.program("child")];
    mm.willFork(parent);
    parent.threads++;
    engine.spawn("parent", scriptTask(mm, parent, [{ do: "load", page: 0, pages: 1 }]));
    engine.run(engine.now + MILLISECOND);
    engine.spawn("fork", dupMmap(mm, parent, child));
    engine.run(engine.now + MILLISECOND);
    expect(child.family).toEqual([child]);
    engine.run(engine.now + SECOND);
    expect(family.share("parent", "child", 0)).toBe(true);
  });

  it("lets the last one that has a page write it in place", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      child exits`);
    const free = family.machine.mm.zones.free;
    family.play("parent w0");
    expect(family.machine.mm.zones.free).toBe(free);
    expect(family.vm.pgreuse).toBe(1);
  });

  it.each([
    ["linux-6.1", 1],
    ["linux-5.0", 0],
  ])("%s: the last one copies %i page if it is still being written out", (kernel, copies) => {
    const family = new Family({ kernel, latency: 100 * MILLISECOND });
    const { mm, engine } = family.machine;
    family.play(`
      parent w0
      parent forks child
      child exits`);
    engine.spawn("reclaim", pageoutPage(mm, family.program("parent"), 0));
    engine.run(engine.now + 10 * MILLISECOND);
    const before = mm.vm.pgalloc;
    engine.spawn("parent", scriptTask(mm, family.program("parent"), [{ do: "store", page: 0, pages: 1 }]));
    family.program("parent").threads++;
    engine.run(engine.now + MILLISECOND);
    expect(mm.vm.pgalloc - before).toBe(copies);
    family.machine.run(engine.now + SECOND);
    // The page that was written out is nobody's now, and what the parent stored is not in it.
    engine.spawn("reclaim", tryToFreePages(mm, undefined));
    family.machine.run(engine.now + SECOND);
    expect([family.machine.broken(), family.wrong]).toEqual([[], []]);
  });

  it("gives the child what is in a page that was copied for a store which comes later", () => {
    const family = new Family().play(`
      parent w0
      parent forks child
      parent loses 0
      parent r0`);
    const { engine, mm } = family.machine;
    engine.spawn("fault", handleMmFault(mm, family.program("parent"), 0, true) as Actor<unknown>);
    engine.run(engine.now + MILLISECOND);
    family.play(`
      parent forks grandchild
      grandchild loses 0
      grandchild r0`);
    expect(family.share("parent", "child", 0)).toBe(false);
    expect(family.wrong).toEqual([]);
  });

  it("survives the end of the parent: the child has the pages, also those in swap", () => {
    const family = new Family().play(`
      parent w0 w1
      parent forks child
      parent loses 0
      parent exits
      child r0 r1
      child w0 w1
      child exits`);
    expect(family.wrong).toEqual([]);
    expect(family.machine.swap.used).toBe(0);
  });

  it("brings a shared slot back for both at swapoff", () => {
    const family = new Family().play(`
      parent w0
      parent loses 0
      parent forks child`);
    const { engine, mm, swap } = family.machine;
    engine.spawn("swapoff", tryToUnuse(mm, swap.areas[0]!));
    engine.run(engine.now + SECOND);
    expect(family.share("parent", "child", 0)).toBe(true);
    expect(swap.used).toBe(0);
    expect(family.play("child w0").share("parent", "child", 0)).toBe(false);
    expect(family.wrong).toEqual([]);
  });

  it("costs the parent time for each page it has", () => {
    const family = new Family().play("parent w0 w1 w2");
    const { mm, engine } = family.machine;
    const parent = family.program("parent");
    engine.spawn("fork", dupMmap(mm, parent, family.program("child")));
    engine.run(engine.now + MILLISECOND);
    expect(parent.owed).toBe(3 * mm.costs.copyPte);
  });

  it("does not happen once the parent has ended", () => {
    const family = new Family().play("parent w0\nparent exits");
    const child = family.program("child");
    let forked: boolean | undefined;
    const { engine, mm } = family.machine;
    engine.spawn(
      "fork",
      (function* () {
        forked = yield* dupMmap(mm, family.program("parent"), child);
      })(),
    );
    engine.run(engine.now + MILLISECOND);
    expect([forked, child.family.length]).toEqual([false, 1]);
  });
});

/** What a program of a random family does: pages 0 to 11 come and go, and now and then it lets others run. */
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("store", "load", "pageout"), page: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep"), page: fc.nat(3) }) },
);
const program = fc.array(action, { minLength: 10, maxLength: 60 });
const forks = fc.array(fc.record({ of: fc.nat(5), at: fc.nat(9), lines: program }), {
  minLength: 1,
  maxLength: 5,
});

const ALL_WRITTEN = [{ do: "store", page: 0, pages: 12 }] as const;

describe("families of programs under pressure", () => {
  it.each<[kernel: string, reclaim: string, inMemory?: boolean]>([
    ["linux-6.1", "classic"],
    ["linux-6.1", "mglru"],
    ["linux-5.0", "classic"],
    ["linux-6.1", "classic", true],
  ])(
    "%s, %s: every page comes back as its program left it, and all memory is given back",
    (kernel, reclaim, inMemory = false) => {
      let [runs, pagesBack] = [0, 0];
      fc.assert(
        fc.property(program, forks, (first, children) => {
          const machine = new MemoryMachine({ frames: 48, slots: 90, kernel, reclaim, inMemory });
          const { mm, engine } = machine;
          const spaces = [mm.createTask("0", 12)];
          engine.spawn("0", scriptTask(mm, spaces[0]!, [...ALL_WRITTEN, ...first.map(lineOf)]));
          children.forEach(({ of, at, lines }, index) => {
            const space = mm.createTask(String(index + 1), 12);
            const parent = spaces[of % spaces.length]!;
            mm.willFork(parent);
            spaces.push(space);
            engine.spawn(space.name, child(machine, parent, space, at, lines.map(lineOf)));
          });
          machine.task("pressure", listed(30, sequential(30)), { repeat: 20, cpu: 100 * MICROSECOND });
          machine.run(20 * SECOND);
          expect(machine.broken()).toEqual([]);
          expect(machine.ledger.listed.map(({ what }) => what)).toEqual([]);
          // A page that was being written when its last user went stays until reclaim meets it.
          expect(mm.zones.free + mm.zones.cached + machine.swap.used).toBe(48);
          expect(countSwapReferences(mm).size).toBe(0);
          runs++;
          pagesBack += mm.vm.pswpin;
        }),
        { numRuns: 150 },
      );
      expect(pagesBack / runs).toBeGreaterThan(5);
    },
  );
});

const sequential = (pages: number): number[] => Array.from({ length: pages }, (_, page) => page * 2 + 1);

const lineOf = ({ do: verb, page }: { do: string; page: number }) =>
  verb === "sleep"
    ? { do: "sleep" as const, duration: page * MILLISECOND }
    : { do: verb as "store" | "load" | "pageout", page, pages: 1 };

function* child(
  { mm }: MemoryMachine,
  parent: AddressSpace,
  space: AddressSpace,
  at: number,
  lines: readonly ReturnType<typeof lineOf>[],
): Actor {
  yield sleep("until the fork", at * MILLISECOND);
  if (yield* dupMmap(mm, parent, space)) yield* scriptTask(mm, space, lines);
  else yield* exitThread(mm, space);
}
