import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../src/scenario/index.ts";
import { fakeCatalogue, fakeTraces } from "../fakes.ts";

/** A machine that swaps to a disk, with a reclaim policy and tasks. */
function scenario(reclaim: string, ...tasks: string[]): string {
  return `name: foresight
machine: { memory: 64MiB${reclaim} }
storage:
  vda: { model: nvme-consumer, size: 4GiB }
swap:
  - device: vda
strategies: [partition]
tasks:
${tasks.map((task, index) => `  task${index}: ${task}`).join("\n")}
duration: 90s
`;
}

const parse = (text: string) =>
  parseScenario({ file: "s.yaml", text, catalogue: fakeCatalogue, readTrace: fakeTraces });

const FINITE = "{ pattern: uniform, pages: 100, accesses: 5000 }";
const ENDLESS = "{ pattern: uniform, pages: 100 }";
const TRACE = "{ trace: own.lackey, repeat: 3 }";

describe("the reclaim policy of a machine", () => {
  it("is left to the kernel where none is named", () => {
    const { machine } = parse(scenario("", ENDLESS)).scenario!;
    expect("reclaim" in machine).toBe(false);
  });

  it("is the one that is named", () => {
    expect(parse(scenario(", reclaim: classic", ENDLESS)).scenario?.machine.reclaim).toBe("classic");
  });

  it("must exist", () => {
    expect(parse(scenario(", reclaim: clasic", ENDLESS)).problems).toMatchObject([
      { path: "machine.reclaim", expected: "one of classic, oracle", suggestion: "classic" },
    ]);
  });
});

describe("a policy that knows the future", () => {
  it.each([[FINITE], [TRACE], ["{ trace: own.lackey, init: true }"]])(
    "takes one task with an end: %s",
    (task) => {
      expect(parse(scenario(", reclaim: oracle", task)).problems).toBeUndefined();
    },
  );

  it.each<[string, string[], object]>([
    [
      "two tasks",
      [FINITE, TRACE],
      {
        line: 2,
        path: "machine.reclaim",
        found: "oracle with 2 tasks",
        expected: /^one task that touches memory/,
      },
    ],
    [
      "a pattern without an end",
      [ENDLESS],
      { line: 9, path: "tasks.task0.accesses", found: "nothing", expected: /^a number of accesses/ },
    ],
    [
      "a trace repeated for ever",
      ["{ trace: own.lackey, repeat: forever }"],
      { line: 9, path: "tasks.task0.repeat", found: '"forever"', expected: /^a whole number/ },
    ],
    [
      "too many accesses to keep in mind",
      ["{ pattern: uniform, pages: 100, accesses: 67108864, repeat: 2, init: true }"],
      { path: "tasks.task0.accesses", found: "134217828 accesses", expected: /^at most 134217728 accesses/ },
    ],
    [
      "a trace repeated too often",
      ["{ trace: own.lackey, repeat: 134217729 }"],
      { path: "tasks.task0.repeat", found: "134217729 accesses", expected: /^at most 134217728 accesses/ },
    ],
  ])("does not take %s", (_what, tasks, problem) => {
    const { problems } = parse(scenario(", reclaim: oracle", ...tasks));
    expect(problems).toHaveLength(1);
    for (const [key, value] of Object.entries(problem)) {
      const found = String(problems?.[0]?.[key as "path"]);
      expect(found).toEqual(value instanceof RegExp ? expect.stringMatching(value) : String(value));
    }
  });

  it("takes as many accesses as fit", () => {
    const task = "{ pattern: uniform, pages: 100, accesses: 67108864, repeat: 2 }";
    expect(parse(scenario(", reclaim: oracle", task)).problems).toBeUndefined();
  });

  it("does not add to the problems of a task that has its own", () => {
    const { problems } = parse(scenario(", reclaim: oracle", "{ pattern: uniform, accesses: 10 }"));
    expect(problems?.map(({ path }) => path)).toEqual(["tasks.task0.pages"]);
  });

  it("does not mind tasks that write to files only", () => {
    expect(parse(scenario(", reclaim: classic", ENDLESS, TRACE)).problems).toBeUndefined();
  });
});
