import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";
import { fakeTraces } from "../fakes.ts";

/** A scenario with a line for the machine, one for cgroups and one for the task. */
function parse({
  machine = "",
  cgroups = "",
  task = "",
}: {
  machine?: string;
  cgroups?: string;
  task?: string;
}) {
  const text = [
    "name: x",
    `machine: { memory: 64MiB${machine} }`,
    ...(cgroups === "" ? [] : [`cgroups: ${cgroups}`]),
    "storage: { vda: { model: ram, size: 1GiB } }",
    "swap: [{ device: vda }]",
    "strategies: [partition]",
    `tasks: { a: { pattern: uniform, pages: 100${task} } }`,
    "duration: 1s",
  ].join("\n");
  return parseScenario({ file: "s.yaml", text, catalogue, readTrace: fakeTraces });
}

const problemsOf = (parts: Parameters<typeof parse>[0]): readonly string[] =>
  (parse(parts).problems ?? []).map(formatProblem);

describe("memory cgroups in a scenario", () => {
  it("have their limits in pages, and none where nothing is said", () => {
    const { scenario } = parse({
      cgroups: "{ app: { memoryMax: 32MiB, swapMax: 0 }, free: {} }",
      task: ", cgroup: app",
    });
    expect(scenario?.groups).toMatchObject([
      { name: "app", max: 8192, high: Number.POSITIVE_INFINITY, low: 0, swapMax: 0 },
      { name: "free", max: Number.POSITIVE_INFINITY, swapMax: Number.POSITIVE_INFINITY },
    ]);
    expect(scenario?.tasks[0]).toMatchObject({ group: "app" });
  });

  it.each([
    [{ cgroups: "{ app: { memoryMx: 1MiB } }" }, /memoryMx.*memoryMax/s],
    [{ cgroups: "{ app: { memoryMax: 5000 } }" }, /a multiple of 4KiB/],
    [{ cgroups: "{ app: {} }", task: ", cgroup: ap" }, /did you mean "app".*, expected one of app/],
    [{ task: ", cgroup: app" }, /a name that stands under cgroups/],
  ])("are told what is wrong: %j", (parts, message) => {
    const problems = problemsOf(parts);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });
});

describe("zswap in a scenario", () => {
  it("has its limit as a share of memory", () => {
    const { scenario } = parse({ machine: ", zswap: { zpool: zsmalloc, maxPoolPercent: 10 }" });
    expect(scenario?.machine.zswap).toEqual({ zpool: "zsmalloc", maxPages: 1638 });
    expect(parse({}).scenario?.machine.zswap).toBeUndefined();
  });

  it("is told the nearest allocator", () => {
    expect(problemsOf({ machine: ", zswap: { zpool: zbod }" })[0]).toMatch(/zbod.*zbud/s);
  });
});
