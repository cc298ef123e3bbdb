import { describe, expect, it } from "vitest";
import { explore, type Scenario, type StrategyVariant, switchesOf, tell } from "../../sim/index.ts";
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
      const marked = rows.filter(({ preempts }) => preempts);
      expect(marked).toHaveLength(switchesOf(execution));
      for (const { steps, at } of marked) {
        const taken = steps.find((step) => execution.steps[step]!.preempts);
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
