import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { domainOf, indexOf } from "../../sim/engine/index.ts";
import { defaultSearchOptions, execute, explore, searches } from "../../sim/index.ts";
import { TASKS_MAX } from "../../sim/mm/touch.ts";
import { harmOf, scene } from "../support/scene.ts";
import { smallMachine } from "../support/small-machines.ts";
import { searchNamed, shipped, tiny } from "./support.ts";

const bounded = searchNamed("bounded");

describe("the same choices", () => {
  it("give the same run, step by step", () => {
    const { scenario, variant } = scene(shipped("basic"), "bmap");
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 40 }), (choices) => {
        const guide = {
          answer: ({ number, options }: { number: number; options: number }) =>
            (choices[number] ?? 0) % options,
        };
        const first = execute(scenario, variant, guide);
        const again = execute(scenario, variant, {
          answer: ({ number }) => first.choices[number] ?? 0,
        });
        expect(again.fingerprint).toBe(first.fingerprint);
        expect(again.steps.map(({ name, label }) => `${name} ${label}`)).toEqual(
          first.steps.map(({ name, label }) => `${name} ${label}`),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe("a search in order of preemptions", () => {
  it("finds the harm that bmap does, and none under the pinned design", () => {
    const bmap = scene(shipped("basic"), "bmap");
    const found = explore(bmap.scenario, bmap.variant, bounded, { schedules: 1000 });
    expect(found.violation?.invariant).toMatch(/^I[12]$/);
    const pinned = scene(shipped("basic"), "pinned");
    const held = explore(pinned.scenario, pinned.variant, bounded, { schedules: 2000, bound: 0 });
    expect(held).toMatchObject({ complete: true, bound: 0, violation: undefined });
    expect(held.witnesses?.slotsRelocated).toBeGreaterThan(0);
    expect(held.cut).toBeGreaterThan(0);
  });

  it("knows how much of the next bound it has tried: always more, all of it at the end", () => {
    const { scenario, variant } = scene(shipped("basic"), "pinned");
    const shares: number[] = [];
    const explored = explore(scenario, variant, bounded, {
      schedules: 2000,
      bound: 0,
      isOver: ({ share }) => {
        shares.push(share ?? -1);
        return false;
      },
    });
    expect(explored.complete).toBe(true);
    expect(shares.length).toBeGreaterThan(5);
    expect(shares.slice(0, -1)).toEqual(shares.slice(0, -1).toSorted((a, b) => a - b));
    expect(shares[0]).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  });

  it.each([
    ["bounded", "a page that is not there yet", "store 1"],
    ["dpor", "a page that is not there yet", "store 1"],
    ["bounded", "a page that is there", "store 0"],
    ["dpor", "a page that is there", "store 0"],
  ])("%s tries a fork before and after a store to %s", (name, _page, second) => {
    const script = `[store 0, ${second}]`;
    const { scenario, variant } = scene(
      tiny({ tasks: `  a: { script: ${script} }\n  b: { script: [load 0], forkOf: a }` }),
      "pinned",
    );
    const orders = new Set<boolean>();
    const { complete } = explore(scenario, variant, searchNamed(name), {
      schedules: 5000,
      onExecution: ({ steps }) => {
        const fork = steps.findIndex(({ label }) => label === "dup_mmap");
        const first = steps.findIndex(({ label }) => label.startsWith("store"));
        const last = steps.findLastIndex(({ label }) => label.startsWith("store"));
        // A schedule that was cut short may not have come to all of them.
        if (first < last && first < fork) orders.add(fork < last);
      },
    });
    expect([complete, orders.size]).toEqual([true, 2]);
  });

  it("is told that a fork depends on every page of the parent, also on those that are not there", () => {
    const { scenario, variant } = scene(
      tiny({ tasks: "  a: { script: [store 0, load 2] }\n  b: { script: [load 2], forkOf: a }" }),
      "pinned",
    );
    const { steps } = execute(scenario, variant, { answer: () => 0 });
    const fork = steps.find(({ label }) => label === "dup_mmap")!;
    const pages = [...fork.accesses.keys()].filter((key) => domainOf(key) === "page").map(indexOf);
    expect(pages).toEqual(expect.arrayContaining([0, 1, 2].map((page) => page * TASKS_MAX)));
  });

  it("says that nothing is left when it has tried everything, and that something is when it has not", () => {
    const { scenario, variant } = scene(tiny({ tasks: "  a: { script: [store 0] }" }), "pinned");
    expect(explore(scenario, variant, bounded, { schedules: 100 })).toMatchObject({
      complete: true,
      bound: Number.POSITIVE_INFINITY,
    });
    const two = scene(
      tiny({ tasks: "  a: { script: [store 0, pageout 0] }\n  b: { script: [store 0, pageout 0] }" }),
      "pinned",
    );
    expect(explore(two.scenario, two.variant, bounded, { schedules: 2 }).complete).toBe(false);
  });

  it("tries what equal tasks do once for all orders of their names", () => {
    const count = (second: string): number => {
      const tasks = `  a: { script: [store 0, pageout 0, load 0] }\n  b: { script: [${second}] }`;
      const { scenario, variant } = scene(tiny({ tasks }), "pinned");
      return explore(scenario, variant, bounded, { schedules: 5000, bound: 1 }).schedules;
    };
    const equal = count("store 0, pageout 0, load 0");
    const different = count("store 0, pageout 0, store 0");
    expect(different / equal).toBeGreaterThan(1.5);
    expect(different / equal).toBeLessThan(2.5);
  });
});

describe("leaving out what nobody can notice", () => {
  it("changes no verdict of a random small machine, be it harm or none", () => {
    const every = { bound: 1, schedules: 400 };
    let tried = 0;
    let reduced = 0;
    let harmful = 0;
    fc.assert(
      fc.property(smallMachine, (small) => {
        const all = harmOf(small, { ...every, reduction: false });
        fc.pre(all.complete);
        const few = harmOf(small, { ...every, reduction: true });
        expect(few.kinds).toEqual(all.kinds);
        expect(few.complete).toBe(true);
        if (all.kinds.length > 0) harmful++;
        tried += all.schedules;
        reduced += few.schedules;
      }),
      { numRuns: 12, seed: 5 },
    );
    expect(harmful).toBeGreaterThan(0);
    // Of all together: on one machine it may take more, because the search begins again with each race that it learns of.
    expect(reduced).toBeLessThan(tried);
  });
});

describe("every search", () => {
  it.each(
    searches
      .entries()
      .filter(({ name }) => name !== "round-robin")
      .map(({ name }) => name),
  )("%s finds that a snapshot and swapon do not see each other", (name) => {
    const { scenario, variant } = scene(shipped("KB-05-snapshot-against-swapon"), "pinned", { broken: true });
    const { violation } = explore(scenario, variant, searchNamed(name), { schedules: 3000 });
    expect(violation?.invariant).toBe("I3");
  });

  it("round robin sees nothing of it: it has to be searched for", () => {
    const { scenario, variant } = scene(shipped("KB-05-snapshot-against-swapon"), "pinned", { broken: true });
    expect(explore(scenario, variant, searchNamed("round-robin"), { schedules: 10 })).toMatchObject({
      schedules: 1,
      violation: undefined,
    });
  });

  it("repeats with its seed", () => {
    const { scenario, variant } = scene(shipped("basic"), "bmap");
    const once = (seed: string) => {
      const answers: string[] = [];
      explore(scenario, variant, searchNamed("random"), {
        ...defaultSearchOptions,
        seed,
        schedules: 3,
        onExecution: ({ fingerprint }) => answers.push(fingerprint),
      });
      return answers;
    };
    expect(once("7")).toEqual(once("7"));
    expect(once("7")).not.toEqual(once("8"));
  });
});
