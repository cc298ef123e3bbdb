import { describe, expect, it } from "vitest";
import { simulate } from "../../../sim/index.ts";
import { catalogue } from "../../../src/catalogue.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

function parse(child: string, more = "") {
  const text = `name: forks
machine: { memory: 6MiB${more} }
storage: { vda: { model: nvme-consumer, size: 64MiB } }
swap: [{ device: vda }]
strategies: [partition]
tasks:
  store: { pattern: uniform, pages: 1500, accesses: 6000, init: true, writes: 0.5, cpu: 1ms }
  saver: ${child}
duration: 9s
`;
  const readTrace = () => ({ found: "a trace", expected: "none" });
  const { scenario, problems } = parseScenario({ file: "s.yaml", text, catalogue, readTrace });
  return { scenario, problems: (problems ?? []).map(formatProblem) };
}

function run(child: string) {
  const { scenario } = parse(child);
  return simulate(scenario!, scenario!.strategies[0]!, { maps: false, thorough: true });
}

describe("a task that another one forks", () => {
  it("begins with the pages of its parent, which come back right for both", () => {
    const { counters, verdict, checks } = run(
      "{ pattern: seq, pages: 1500, accesses: 1500, writes: 0, cpu: 1ms, forkOf: store, start: 3s }",
    );
    expect({ verdict, checks }).toEqual({ verdict: "correct", checks: [] });
    expect(counters["pswpin"]).toBeGreaterThan(300);
  });

  it("reads nothing but its parent's pages: without the fork they would be the page of zeroes", () => {
    const child = "{ pattern: seq, pages: 1500, accesses: 1500, writes: 0, cpu: 1ms, start: 3s";
    const [forked, alone] = [run(`${child}, forkOf: store }`), run(`${child} }`)];
    expect(forked.counters["pgmajfault"]).toBeGreaterThan(Number(alone.counters["pgmajfault"]) + 100);
  });

  it("may be a script", () => {
    expect(run("{ script: [load 0-9, store 3], forkOf: store, start: 3s }").verdict).toBe("correct");
  });

  it("never begins if its parent has ended by then, and the kernel log says so", () => {
    const { log } = run("{ script: [load 0], forkOf: store, start: 8s }");
    expect(log.map(({ line }) => line)).toContain("fork of store failed: saver never began");
  });

  it.each([
    ["{ script: [load 0], forkOf: stor, start: 1s }", "a task further up that has memory of its own: store"],
    ["{ pattern: uniform, pages: 9000, forkOf: store }", "found 9000 pages, and 1500 of store"],
    ["{ script: [load 0], forkOf: store, threadOf: store }", "either threadOf or forkOf"],
  ])("%s is a problem", (child, problem) => {
    const { problems } = parse(child);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("cannot begin before its parent", () => {
    const { problems } = parse(
      "{ script: [load 0], start: 2s }\n  late: { script: [load 0], forkOf: saver, start: 1s }",
    );
    expect(problems[0]).toContain("a fork that starts after saver does");
  });

  it("is a problem for a policy that knows each page by its task", () => {
    const { problems } = parse("{ script: [load 0], forkOf: store, start: 1s }", ", reclaim: lru");
    expect(problems[0]).toContain("lru, and saver is a fork of store");
  });

  it("can have as many brothers as a slot has room to count", () => {
    const children = Array.from(
      { length: 62 },
      (_, index) => `c${index}: { script: [load 0], forkOf: store, start: 1s }`,
    );
    // The first one takes the place of the saver, whose name stands there already.
    const { problems } = parse(children.join("\n  ").replace("c0: ", ""));
    expect(problems.map((problem) => problem.split("\n")[0])).toEqual([expect.stringContaining("62 tasks")]);
  });
});
