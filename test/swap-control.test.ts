import { describe, expect, it } from "vitest";
import { MIB, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { Scenario } from "../sim/scenario.ts";
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
