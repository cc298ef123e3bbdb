import { describe, expect, it } from "vitest";
import { MIB, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { Scenario, StrategyVariant } from "../sim/scenario.ts";
import { plain, smallScenario, step } from "./support/scenarios.ts";

const SECOND_AREA = [
  step(1, "create", { path: "/swap2", size: 12 * MIB, nocow: true, fill: "preallocated" }),
  step(2, "mkswap", { path: "/swap2" }),
];
const twice = (at: number, name: string): Scenario["timeline"] =>
  ["first", "second"].map((id) => ({ ...step(at, name, { path: "/swap2" }), id: `${name} ${id}` }));

describe("two calls at the same time for one swap file:", () => {
  it.each(["pinned", "direct-io", "bmap"])("one swapon, one swapoff succeeds under %s", (strategy) => {
    const timeline = [...SECOND_AREA, ...twice(3, "swapon"), ...twice(5, "swapoff")];
    const result = simulate(smallScenario({ timeline, duration: 8 * SECOND }), plain(strategy), {
      thorough: true,
    });
    const answers = Object.fromEntries(result.operations.map(({ id, result: answer }) => [id, answer]));
    expect(answers).toMatchObject({
      "swapon first": "ok",
      "swapon second": "EBUSY",
      "swapoff first": "ok",
      "swapoff second": "EINVAL",
    });
    expect(result.checks).toEqual([]);
  });
});

describe("a truncate that meets swapon of its file", () => {
  const series: StrategyVariant = {
    name: "direct-io of 2014",
    strategy: "direct-io",
    options: { era: "2014", version: "v2" },
  };
  const meet = (variant: StrategyVariant, failAllocation?: number): readonly (string | undefined)[] => {
    const swapon = step(3, "swapon", { path: "/swap2", ...(failAllocation ? { failAllocation } : {}) });
    const timeline = [...SECOND_AREA, swapon, step(3, "truncate", { path: "/swap2", size: MIB })];
    const { operations } = simulate(smallScenario({ timeline, tasks: [], duration: 6 * SECOND }), variant);
    return operations.slice(2).map(({ result }) => result);
  };

  it.each(["pinned", "direct-io", "bmap"])("waits from the claim to S_SWAPFILE under %s", (strategy) => {
    expect(meet(plain(strategy))).toEqual(["ok", "ETXTBSY"]);
  });

  it.each([plain("pinned"), plain("direct-io"), series])(
    "gets the lock if swapon fails after its activation under $name",
    (variant) => {
      const outcomes = Array.from({ length: 8 }, (_, at) => meet(variant, at + 1).join(" "));
      expect(new Set(outcomes)).toEqual(new Set(["ENOMEM ok", "ok ETXTBSY"]));
    },
  );
});
