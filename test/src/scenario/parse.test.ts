import { describe, expect, it } from "vitest";
import type { MemoryTaskSpec, Scenario } from "../../../sim/index.ts";
import { formatProblem, type ParseResult, parseScenario } from "../../../src/scenario/index.ts";
import { fakeCatalogue, fakeTraces, GOOD_SCENARIO } from "../fakes.ts";

function parse(text: string, more: object = {}): ParseResult {
  return parseScenario({ file: "s.yaml", text, catalogue: fakeCatalogue, readTrace: fakeTraces, ...more });
}

function good(from = "", to = "", more: object = {}): Scenario {
  if (!GOOD_SCENARIO.includes(from)) throw new Error(`the scenario of the tests has no ${from}`);
  const { scenario, problems } = parse(GOOD_SCENARIO.replace(from, to), more);
  expect(problems?.map(formatProblem)).toBeUndefined();
  return scenario!;
}

function problemLines(text: string, more: object = {}): readonly string[] {
  return (parse(text, more).problems ?? []).map(formatProblem);
}

describe("a timeline", () => {
  const steps = (text: string): Scenario["timeline"] => good("at: 5s, do: balance", text).timeline;

  it("goes on where the step before ended if a step says nothing about when it begins", () => {
    const [first, second, third] = steps(
      "id: a, do: defrag, path: /db }\n  - { id: b, do: defrag, path: /db }\n  - { wait: [a], do: balance",
    );
    expect(first).toMatchObject({ id: "a", at: 0 });
    expect(first?.wait).toBeUndefined();
    expect(second).toMatchObject({ id: "b", at: 0, wait: ["a"] });
    expect(third).toMatchObject({ wait: ["a"] });
  });

  it("may say what a step achieved, and counters what they came to", () => {
    const [first] = steps("at: 5s, do: balance, says: relocated 3");
    expect(first?.says).toBe("relocated 3");
    const { counters } = good("faults:", "counters: { pswpout: { atLeast: 7 } }\nfaults:");
    expect(counters).toEqual({ pswpout: { atLeast: 7, atMost: Number.POSITIVE_INFINITY } });
  });
});

describe("a right scenario", () => {
  it("has all defaults filled in", () => {
    const scenario = good();
    expect(scenario).toMatchObject({
      name: "small",
      seed: "1",
      duration: 90e9,
      faults: ["reuseBeforeCommit"],
    });
    expect(scenario.machine).toEqual({
      memory: 64 * 2 ** 20,
      cpus: 2,
      kernel: "linux-6.1",
      swappiness: 60,
      minTtl: 0,
      pageCluster: 3,
      vmaReadahead: true,
      watermarkScaleFactor: 10,
    });
    expect(scenario.storage).toContainEqual({ name: "vda", model: "nvme-consumer", size: 4 * 2 ** 30 });
    expect(scenario.filesystem).toEqual({
      type: "btrfs",
      devices: ["vda"],
      options: { data: "single", commit: 30e9 },
      files: [
        { path: "/swapfile", size: 2 ** 29, nocow: true, preallocated: false, extents: 1 },
        { path: "/db", size: 2 ** 30, nocow: false, preallocated: false, extents: 400 },
      ],
    });
    expect(scenario.swap).toEqual([
      { target: { kind: "file", path: "/swapfile" }, headerPages: undefined, priority: undefined },
    ]);
    expect(scenario.expect).toEqual({ bmap: "corrupt", "direct-io(file=cow)": "correct" });
  });

  it.each(["7", "07", "one"])("has any number or text as its seed, as it is written: %s", (seed) => {
    expect(good("name: small", `name: small\nseed: ${seed}`).seed).toBe(seed);
  });

  it("says when a step begins and what must be true when it has ended", () => {
    const { timeline } = good(
      "at: 50s, do: defrag, path: /db, expect: ok",
      "when: swapUsed > 50%, wait: [balance, defrag], do: defrag, path: /db, log: { pinned: [a, b] }, " +
        "state: { bmap: { extents: { /db: 4 } }, pinned: { skipped: [100], leftovers: none } }",
    );
    expect(timeline[2]).toMatchObject({
      at: 0,
      wait: ["balance", "defrag"],
      when: { quantity: "swapUsed", relation: ">", limit: 0.5, isShare: true },
      log: { pinned: ["a", "b"] },
      state: { bmap: { extents: { "/db": 4 } }, pinned: { skipped: [100], leftovers: "none" } },
    });
  });

  it("takes sizes of a gauge as pages, and counters as numbers", () => {
    const condition = (text: string): unknown => good("at: 5s", `when: ${text}`).timeline[0]!.when;
    expect(condition("freeMemory<8MiB")).toMatchObject({ relation: "<", limit: 2048, isShare: false });
    expect(condition("pswpin >= 1000")).toMatchObject({ quantity: "pswpin", limit: 1000 });
  });

  it("names a variant after the options that were given, in the order of their declaration", () => {
    const list = "[bmap, pinned, { direct-io: { file: cow } }]";
    const scenario = good(
      list,
      "[pinned, { direct-io: { era: 2014, file: cow } }, { direct-io: {} }, bmap, { direct-io: { file: cow } }]",
    );
    expect(scenario.strategies.map(({ name }) => name)).toEqual([
      "pinned",
      "direct-io(file=cow,era=2014)",
      "direct-io",
      "bmap",
      "direct-io(file=cow)",
    ]);
    expect(scenario.strategies[1]!.options).toEqual({ file: "cow", era: "2014" });
    expect(scenario.strategies[2]!.options).toEqual({ file: "nocow", era: "fixed" });
  });

  it("lets arguments of a step stand under filters or in the step itself", () => {
    const nested = good().timeline[0]!;
    const direct = good("filters: { vrange: /swapfile, usage: 50 }", "vrange: /swapfile, usage: 50")
      .timeline[0]!;
    expect(nested).toEqual(direct);
    expect(nested.args).toEqual({ usage: 50, vrange: "/swapfile" });
  });

  it("numbers steps of the same operation and keeps given names", () => {
    expect(good().timeline.map(({ id }) => id)).toEqual(["balance", "defrag", "defrag-2"]);
    const named = good("- { at: 50s,", "- { id: defrag, at: 50s,");
    expect(named.timeline.map(({ id }) => id)).toEqual(["balance", "defrag-2", "defrag"]);
  });

  it("takes answers for one variant, for several, or for all", () => {
    const [none, some, all] = good().timeline;
    expect(none!.expect).toEqual({});
    expect(some!.expect).toEqual({ pinned: ["ETXTBSY"], "direct-io(file=cow)": ["ok", "ENOSPC"] });
    expect(all!.expect).toEqual({ "*": ["ok"] });
  });

  it("knows the three forms of tasks", () => {
    const [browser, compiler, ingest] = good().tasks;
    expect(browser).toMatchObject({ kind: "memory", start: 1e9, cpu: 4000, init: true, repeat: 1 });
    expect((browser as MemoryTaskSpec).open().pages).toBe(1000);
    expect(compiler).toMatchObject({ kind: "memory", cpu: 116, repeat: Number.POSITIVE_INFINITY });
    expect((compiler as MemoryTaskSpec).open().pages).toBe(7);
    expect(ingest).toEqual({
      kind: "writer",
      name: "ingest",
      start: 0,
      path: "/db",
      writes: 2000,
      blocksPerWrite: 1,
      pattern: "uniform",
      rate: 2000,
      readEvery: 0,
    });
  });

  it("opens the accesses of a task from their beginning each time", () => {
    const task = good().tasks[1] as MemoryTaskSpec;
    const batch = new Uint32Array(4);
    expect([task.open().fill(batch), task.open().fill(batch)]).toEqual([1, 1]);
  });

  it("counts 100 ns for a line of a trace that it does not know", () => {
    expect(good("../traces/cc1.lackey.gz", "own.lackey").tasks[1]).toMatchObject({ cpu: 100 });
    expect(good("repeat: forever", "repeat: 3, cpu: 1us").tasks[1]).toMatchObject({ cpu: 1000, repeat: 3 });
  });

  it("turns blocks into writes of the given size, rounded up", () => {
    const writer = good("blocks: 2000, pattern: uniform", "blocks: 2001, size: 8KiB").tasks[2];
    expect(writer).toMatchObject({ writes: 1001, blocksPerWrite: 2 });
    const endless = good("blocks: 2000, ", "").tasks[2];
    expect(endless).toMatchObject({ writes: Number.POSITIVE_INFINITY });
  });

  it("gives a pattern that reads a file the path of that file", () => {
    const scenario = good(
      "pattern: hotcold, pages: 1000, hot: 0.2",
      "pattern: file, pages: 1000, reads: /db",
    );
    expect(scenario.tasks[0]).toMatchObject({ fileReads: { every: 4, pages: 100, path: "/db" } });
  });

  it("may name files that an earlier step makes", () => {
    const steps = "- { at: 50s, do: snapshot, target: /copy }\n  - { at: 51s, do: defrag, path: /copy/db }\n";
    expect(good("- { at: 50s, do: defrag, path: /db, expect: ok }\n", steps).timeline).toHaveLength(4);
  });

  it("follows YAML aliases", () => {
    const scenario = good(
      "vdb: { model: hdd-7200, size: 1GiB }",
      "vdb: &disk { model: hdd-7200, size: 1GiB }\n  vdc: *disk",
    );
    expect(scenario.storage[2]).toEqual({ name: "vdc", model: "hdd-7200", size: 2 ** 30 });
  });

  it("needs no filesystem to swap to a device", () => {
    const text = `name: raw
machine: { memory: 4MiB }
storage: { vdb: { model: hdd-7200, size: 1GiB } }
swap: [{ device: vdb, pages: 262144, priority: 5 }]
strategies: [partition]
tasks: { a: { pattern: uniform, pages: 10 } }
duration: 1s
`;
    const { scenario } = parse(text);
    expect(scenario?.filesystem).toBeUndefined();
    expect(scenario?.swap).toEqual([
      { target: { kind: "device", device: "vdb" }, headerPages: 262_144, priority: 5 },
    ]);
  });
});

describe("edges of what is allowed", () => {
  it.each([
    ["memory: 64MiB", "memory: 4MiB"],
    ["cpus: 2", "cpus: 1024"],
    ["cpus: 2", "cpus: 2, swappiness: 0"],
    ["cpus: 2", "cpus: 2, swappiness: 200"],
    ["at: 50s", "at: 89999ms"],
    ["at: 50s", "at: 0"],
    ["writes: 0.3", "writes: 1"],
    ["- path: /swapfile", "- { path: /swapfile, pages: 131072 }"],
    ["size: 1GiB, extents", "size: 3211MiB, extents"],
    ["size: 4GiB }", "size: 1690MiB }"],
  ])("%s -> %s", (from, to) => {
    good(from, to);
  });
});

describe("a wrong scenario", () => {
  it("has all its problems listed at once, in the order of the file", () => {
    const text = GOOD_SCENARIO.replace("64MiB", "64MB")
      .replace("hotcold", "hotcol")
      .replace("90s", "90")
      .replace("[reuseBeforeCommit]", "[nothing]")
      .replace("machine:", "extra: 1\nmachine:");
    const lines = problemLines(text);
    expect(lines).toHaveLength(5);
    expect(lines.map((line) => Number(line.split(":")[1]))).toEqual([2, 3, 18, 21, 29]);
  });

  it("is told with place, path, finding, expectation and suggestion, and the place is shown", () => {
    expect(problemLines(GOOD_SCENARIO.replace("type: btrfs", "type: brtfs"))).toEqual([
      's.yaml:7:9: filesystem.type: found "brtfs" (did you mean "btrfs"?), expected one of btrfs, ext4\n' +
        "  7 |   type: brtfs\n" +
        "    |         ^^^^^",
    ]);
  });

  it.each([
    ["two or three", "            ^^^^^^^^^^^^"],
    ["'two or three'", "            ^^^^^^^^^^^^^^"],
    ["[2, 3]", "            ^"],
  ])("has carets under all of a value of several words, and where a list begins: %s", (value, marks) => {
    const [, , shown] = problemLines(GOOD_SCENARIO.replace("type: btrfs", `type: ${value}`))[0]!.split("\n");
    expect(shown).toBe(`    | ${marks.slice(4)}`);
  });

  it.each([
    ["", /expected a scenario/],
    ["just words", /found "just words", expected a scenario/],
  ])("%j is one problem and not more", (text, message) => {
    const lines = problemLines(text);
    expect(lines[0]).toMatch(message);
    expect(lines.every((line) => line.startsWith("s.yaml:"))).toBe(true);
  });

  it.each([
    [
      "a binary file",
      "\u007fELF\0\u0001",
      "s.yaml:1:1: found a file that is no text, expected a scenario in YAML",
    ],
    [
      "a saved result",
      '{ "schema": "pagestorm/run/1", "strategies": [] }',
      's.yaml:1:13: schema: found "pagestorm/run/1", expected a scenario; `pagestorm report` shows saved results',
    ],
  ])("that is none but %s is told in one sentence", (_what, text, message) => {
    const lines = problemLines(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.split("\n")[0]).toBe(message);
  });

  it("is shown without what a terminal would carry out", () => {
    const [line] = problemLines(GOOD_SCENARIO.replace("type: btrfs", "type: a\u001b[31mb"));
    expect(line).toContain("type: a\ufffd[31mb");
    expect(line).not.toContain("\u001b");
  });

  it("may not name a strategy as reports do, and is told how", () => {
    expect(problemLines(GOOD_SCENARIO.replace("[bmap,", "[direct-io(file=cow),"))[0]).toContain(
      'found "direct-io(file=cow)", expected { direct-io: { file: cow } }, as it is written in a file',
    );
  });

  it("is no writer because its share of writes is no number", () => {
    const lines = problemLines(
      GOOD_SCENARIO.replace(/^tasks:[\s\S]*?\n(?=\w)/m, "tasks: { a: { patern: uniform, writes: 30% } }\n"),
    );
    expect(lines.map((line) => line.split(": ")[1])).toContain("tasks.a.patern");
    expect(lines.join()).not.toContain("filesystem.files");
  });

  it("misses every required part of an empty map", () => {
    const missing = (parse("{}").problems ?? []).map(({ path }) => path);
    expect(missing.toSorted()).toEqual([
      "duration",
      "machine",
      "name",
      "storage",
      "strategies",
      "swap",
      "tasks",
    ]);
  });

  it("does not complain about references to something that is wrong itself", () => {
    expect(problemLines(GOOD_SCENARIO.replace("nvme-consumer", "nvme"))).toHaveLength(1);
    expect(problemLines(GOOD_SCENARIO.replace("{ size: 1GiB, extents: 400 }", "{ size: 1GB }"))).toHaveLength(
      1,
    );
  });
});

describe("values of the command line", () => {
  it("take the place of seed and strategies of the file", () => {
    const strategies = { names: "pinned,direct-io(file=cow,era=2014)", option: "--strategies" };
    const scenario = good("", "", { seed: "7", strategies });
    expect(scenario.seed).toBe("7");
    expect(scenario.strategies).toEqual([
      { name: "pinned", strategy: "pinned", options: {} },
      { name: "direct-io(file=cow,era=2014)", strategy: "direct-io", options: { file: "cow", era: "2014" } },
    ]);
  });

  it.each([
    [
      "pined",
      '--strategies: found "pined" (did you mean "pinned"?), expected one of partition, bmap, pinned, direct-io',
    ],
    ["direct-io(file=cwo)", '--strategies: found "cwo" (did you mean "cow"?), expected one of nocow, cow'],
    ["pinned,pinned", "--strategies: found pinned a second time, expected each strategy variant once"],
    [
      "direct-io(",
      '--strategies: found "direct-io(" (did you mean "direct-io"?), expected one of partition, bmap, pinned, direct-io',
    ],
    ["", '--strategies: found "", expected one of partition, bmap, pinned, direct-io'],
  ])("%j is a problem without a line", (names, message) => {
    expect(problemLines(GOOD_SCENARIO, { strategies: { names, option: "--strategies" } })[0]).toBe(message);
  });

  it("must fit the scenario like those of the file", () => {
    const strategies = { names: "partition", option: "--strategy" };
    expect(problemLines(GOOD_SCENARIO, { strategies })).toEqual([
      "--strategy: found partition, expected the device to use, such as { partition: { device: vdb } }",
    ]);
    good("", "", { strategies: { names: "partition(device=vdb)", option: "--strategy" } });
  });
});
