import { describe, expect, it } from "vitest";
import { simulate } from "../../../sim/index.ts";
import { catalogue } from "../../../src/catalogue.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

function parse(thread: string) {
  const text = `name: threads
machine: { memory: 4MiB }
storage: { vdb: { model: zram, size: 64MiB } }
swap: [{ device: vdb }]
strategies: [partition]
tasks:
  app: { pattern: seq, pages: 1500, accesses: 3000, init: true, writes: 0.5, cpu: 10us }
  second: ${thread}
duration: 9s
`;
  const readTrace = () => ({ found: "a trace", expected: "none" });
  const { scenario, problems } = parseScenario({ file: "s.yaml", text, catalogue, readTrace });
  return { scenario, problems: (problems ?? []).map(formatProblem) };
}

describe("a task that is a thread of another one", () => {
  it("shares its memory, which is given back when both have ended", () => {
    const { scenario } = parse("{ pattern: uniform, pages: 1500, accesses: 5000, cpu: 50us, threadOf: app }");
    const [variant] = scenario!.strategies;
    const { counters, verdict, checks } = simulate(scenario!, variant!, { maps: false, thorough: true });
    expect({ verdict, checks }).toEqual({ verdict: "correct", checks: [] });
    expect(counters["pswpin"]).toBeGreaterThan(1000);
  });

  it.each([
    ["{ pattern: uniform, pages: 9, threadOf: ap }", "a task further up that has memory of its own: app"],
    ["{ pattern: uniform, pages: 9, threadOf: second }", "a task further up that has memory of its own: app"],
    ["{ pattern: uniform, pages: 9000, threadOf: app }", "found 9000 pages, and 1500 of app"],
  ])("%s is a problem", (thread, problem) => {
    const { problems } = parse(thread);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});
