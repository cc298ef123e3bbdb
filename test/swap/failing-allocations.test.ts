import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Scenario, type StrategyResult, simulate } from "../../sim/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { parseScenario } from "../../src/scenario/index.ts";

/** swapon on btrfs with one of its allocations failing, in turn: what A-33n demands, and KB-33 lacks. */

const FILE = new URL("../../workloads/bugs/KB-33-swap-count-left-behind.yaml", import.meta.url);

function swaponFailing(allocation: number, faults: readonly string[]): StrategyResult {
  const file = { file: "KB-33", text: readFileSync(FILE, "utf8"), catalogue };
  const { scenario } = parseScenario({ ...file, readTrace: () => ({ found: "", expected: "" }) });
  const [mkswap, first] = scenario!.timeline;
  const step = { ...first!, args: { ...first!.args, failAllocation: allocation } };
  const changed: Scenario = { ...scenario!, tasks: [], faults, timeline: [mkswap!, step] };
  return simulate(changed, scenario!.strategies[0]!, { maps: false });
}

function leftBehind(allocation: number, faults: readonly string[]): readonly string[] {
  const { operations, breaches } = swaponFailing(allocation, faults);
  expect(operations[1]?.result).toBe("ENOMEM");
  return breaches.map(({ invariant }) => invariant);
}

describe("swapon on a small btrfs file", () => {
  it("allocates six times", () => {
    expect(swaponFailing(6, []).operations[1]?.result).toBe("ENOMEM");
    expect(swaponFailing(7, []).operations[1]?.result).toBe("ok");
  });

  it("leaves a count behind when the fourth fails, and nothing when another one does", () => {
    expect([1, 2, 3, 4, 5, 6].map((allocation) => leftBehind(allocation, []))).toEqual([
      [],
      [],
      [],
      ["I4"],
      [],
      [],
    ]);
  });

  it("leaves nothing behind with the fix, whichever fails", () => {
    const fixed = [1, 2, 3, 4, 5, 6].map((allocation) => leftBehind(allocation, ["undoBlockGroupCount"]));
    expect(fixed.flat()).toEqual([]);
  });
});
