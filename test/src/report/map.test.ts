import { describe, expect, it } from "vitest";
import { SECOND } from "../../../sim/engine/index.ts";
import { simulate } from "../../../sim/index.ts";
import { compare, documentOf } from "../../../src/experiments/index.ts";
import { mapText } from "../../../src/report/index.ts";
import { plain, smallScenario, step } from "../../support/scenarios.ts";

/** The small machine with a reflink at 1 s; the disk is asked for at 3.5 s. */
async function maps(strategy: string): Promise<(at: number) => string> {
  const timeline = [{ ...step(1, "reflink", { path: "/db", target: "/copy" }), id: "copy" }];
  const scenario = smallScenario({ timeline, duration: 5 * SECOND, strategies: [plain(strategy)] });
  const run = async (): Promise<ReturnType<typeof simulate>> =>
    simulate(scenario, plain(strategy), { mapAt: 3.5 * SECOND });
  const document = documentOf(await compare(scenario, run, () => 0), "run");
  return (at) => mapText(document.strategies[0]!, at, 80);
}

describe("the map of the disk as text", () => {
  it("shows devices, block groups with profile and who holds them, and extents with their sharing", async () => {
    const text = (await maps("pinned"))(3.5 * SECOND);
    expect(text).toMatch(/^The disk with pinned at 3.5 s\n\nvda, a letter is \d+ KiB\n {2}[sdmprfu]+\n/);
    expect(text).toMatch(/\n {2}\d+ +\d.* % used +data +vda +held by swap\n/);
    expect(text).toMatch(/\n {2}\/swapfile +16 MiB +\d+ extents? +0 shared +in \d+/);
    expect(text).toMatch(/\n {2}\/copy .* [1-9]\d* shared/);
  });

  it("shows the moment asked for: no copy before it is made, and nobody holds groups under direct-io", async () => {
    const at = await maps("direct-io");
    expect(at(0)).not.toContain("/copy");
    expect(at(3.5 * SECOND)).toContain("/copy");
    expect(at(3.5 * SECOND)).not.toContain("held by swap");
  });
});
