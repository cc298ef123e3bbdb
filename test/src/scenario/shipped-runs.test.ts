import { describe, expect, it } from "vitest";
import { type Scenario, type StrategyVariant, simulate } from "../../../sim/index.ts";
import { shippedFiles } from "../../../src/node/package-files.ts";
import { read, scenarioOf } from "./shipped.ts";

/** Verdict and answers are those that the scenario expects. */
function comesOut(scenario: Scenario, variant: StrategyVariant): void {
  const { verdict, checks, operations } = simulate(scenario, variant);
  expect({ verdict, checks }).toEqual({ verdict: scenario.expect[variant.name], checks: [] });
  for (const [index, { expect: answers }] of scenario.timeline.entries()) {
    const expected = answers[variant.name] ?? answers["*"];
    if (expected) expect(expected).toContain(operations[index]?.result);
  }
}

/** The fastest; the command runs the others. */
describe.each(["backup-by-reflink", "cow-swap-file"])("%s comes out as expected", (name) => {
  it.each(scenarioOf(name).strategies)("under $name", (variant) => comesOut(scenarioOf(name), variant));
});

describe("the scenario that init writes comes out as expected", () => {
  const starter = read("starter.yaml", shippedFiles.starter());
  it.each(starter.strategies)("under $name", (variant) => comesOut(starter, variant));

  it("shows no damage if it ends before the old place is used again, as it says of itself", () => {
    const bmap = starter.strategies.find(({ name }) => name === "bmap")!;
    expect(simulate({ ...starter, duration: 15e9 }, bmap).verdict).toBe("correct");
  });
});
