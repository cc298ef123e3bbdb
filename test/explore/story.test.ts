import { describe, expect, it } from "vitest";
import {
  explore,
  type Scenario,
  type Step,
  type StrategyVariant,
  switchesIn,
  tell,
} from "../../sim/index.ts";
import { scene } from "../support/scene.ts";
import { searchNamed, shipped } from "./support.ts";

/** Runs in which a search at random has drawn who steps next. */
function runs(scenario: Scenario, variant: StrategyVariant): readonly (readonly number[])[] {
  const drawn: (readonly number[])[] = [];
  explore(scenario, variant, searchNamed("random"), {
    schedules: 15,
    all: true,
    onExecution: ({ choices }) => drawn.push(choices),
  });
  return drawn;
}

describe("the rows of a story", () => {
  it.each([
    ["basic", "bmap"],
    ["KB-08-balance-against-a-write-in-place", "direct-io"],
    ["KB-05-snapshot-against-swapon", "pinned"],
  ])("mark each switch once, where it shows or after: %s", (name, strategy) => {
    const { scenario, variant } = scene(shipped(name), strategy, { broken: true });
    for (const choices of runs(scenario, variant)) {
      const { execution, rows } = tell(scenario, variant, choices);
      const switches = switchesIn(execution.steps);
      const marked = rows.filter(({ preempts }) => preempts);
      expect(marked).toHaveLength(switches.filter((isSwitch) => isSwitch).length);
      for (const { steps, at } of marked) {
        const taken = steps.find((step) => switches[step]);
        expect(taken).toBeLessThanOrEqual(at);
      }
    }
  });

  it("hold each step of a process once, and in order", () => {
    const { scenario, variant } = scene(shipped("basic"), "bmap");
    for (const choices of runs(scenario, variant)) {
      const { rows } = tell(scenario, variant, choices);
      const steps = rows.flatMap((row) => row.steps);
      expect(new Set(steps).size).toBe(steps.length);
      for (const row of rows) expect(row.steps).toEqual(row.steps.toSorted((a, b) => a - b));
    }
  });
});

describe("a switch", () => {
  /** Steps as a picture: "a b* d/" is a, then b which preempts it, then a device. */
  const steps = (picture: string): readonly Step[] =>
    picture.split(" ").map((word) => {
      const name = word.charAt(0);
      return {
        process: name.charCodeAt(0),
        forgetful: word.includes("/"),
        preempts: word.includes("*"),
      } as Step;
    });

  it.each([
    ["a b", [], "who goes on when another waits is none"],
    ["a b*", [1], "somebody took over"],
    ["a b* a*", [1, 2], "and back"],
    ["a d/* a", [], "a device served meanwhile"],
    ["a d/* e/* b", [3], "a device served, and then somebody else went on"],
    ["a d/ b*", [], "a device that had more to do was left"],
    ["a d/* a b", [], "whom a device left went on, and waited then"],
  ])("in %s is at %j: %s", (picture, at) => {
    const found = [...switchesIn(steps(picture)).entries()].filter(([, isSwitch]) => isSwitch);
    expect(found.map(([step]) => step)).toEqual(at);
  });
});

describe("who waits in the end", () => {
  it("are all of a ring, kernel threads as well", () => {
    const { scenario, variant } = scene(shipped("KB-23-btree-lock-convoy"), "direct-io", { broken: true });
    const { violation } = explore(scenario, variant, searchNamed("pct"), { schedules: 50 });
    const { waits } = tell(scenario, variant, violation!.execution.choices);
    const waiting = waits.map(({ who }) => who);
    expect(waiting).toContain("bcachefs_btree_update/0");
    for (const { on } of waits) for (const name of on) expect(waiting).toContain(name);
  });
});
