import { describe, expect, it } from "vitest";
import { formatProblem, type Problem, parseScenario } from "../../../src/scenario/index.ts";
import { fakeCatalogue, fakeTraces, GOOD_SCENARIO } from "../fakes.ts";

function problemsOf(text: string, more: object = {}): readonly Problem[] {
  const input = { file: "s.yaml", text, catalogue: fakeCatalogue, readTrace: fakeTraces, ...more };
  return parseScenario(input).problems ?? [];
}

/**
 * The good scenario with `from` replaced by `to`. In `to`, the mark ^ stands before the character at which the
 * problem must be reported, and is taken out.
 */
function spoilt(from: string, to: string): { text: string; line: number; column: number } {
  if (!GOOD_SCENARIO.includes(from)) throw new Error(`the scenario of the tests has no ${from}`);
  const marked = GOOD_SCENARIO.replace(from, () => to);
  const before = marked.slice(0, marked.indexOf("^"));
  const line = before.split("\n").length;
  return { text: marked.replace("^", ""), line, column: before.length - before.lastIndexOf("\n") };
}

type Case = [
  from: string,
  to: string,
  path: string,
  found: string,
  expected: string | RegExp,
  suggestion?: string,
];

const CASES: Record<string, Case[]> = {
  "names that do not exist": [
    [
      "machine:",
      "^machin:",
      "machin",
      'the unknown key "machin"',
      /^one of name, conformance, bug, seed, machine/,
      "machine",
    ],
    [
      "memory: 64MiB",
      "memory: 64MiB, ^swapiness: 1",
      "machine.swapiness",
      'the unknown key "swapiness"',
      /swappiness/,
      "swappiness",
    ],
    [
      "model: hdd-7200",
      "model: ^hdd-720",
      "storage.vdb.model",
      '"hdd-720"',
      "one of nvme-consumer, hdd-7200",
      "hdd-7200",
    ],
    ["[bmap, pinned", "[bmap, ^pined", "strategies[1]", '"pined"', /^one of partition, bmap/, "pinned"],
    ["type: btrfs", "type: ^brtfs", "filesystem.type", '"brtfs"', "one of btrfs, ext4", "btrfs"],
    ["data: single", "^dato: single", "filesystem.dato", 'the unknown key "dato"', /data/, "data"],
    [
      "devices: [vda]",
      "devices: [^vdc]",
      "filesystem.devices[0]",
      '"vdc"',
      "a device of storage: one of vda, vdb",
      "vda",
    ],
    ["pattern: hotcold", "pattern: ^hotcol", "tasks.browser.pattern", '"hotcol"', /hotcold/, "hotcold"],
    [
      "hot: 0.2",
      "^hott: 0.2",
      "tasks.browser.hott",
      'the unknown key "hott"',
      /^one of pattern, reads, .* and \d+ more$/,
      "hot",
    ],
    [
      "{ pattern: hotcold",
      "{ ^patern: hotcold",
      "tasks.browser.patern",
      'the unknown key "patern"',
      "one of pattern, trace, script, writes",
      "pattern",
    ],
    [
      "do: balance",
      "do: ^balanse",
      "timeline[0].do",
      '"balanse"',
      "one of balance, defrag, snapshot",
      "balance",
    ],
    [
      "usage: 50",
      "^usge: 50",
      "timeline[0].filters.usge",
      'the unknown key "usge"',
      "one of usage, vrange",
      "usage",
    ],
    [
      "cpus: 2",
      "cpus: 2, kernel: ^linux-6.0",
      "machine.kernel",
      '"linux-6.0"',
      "one of linux-6.1, linux-5.0",
      "linux-6.1",
    ],
    ["file: cow", "file: ^cwo", "strategies[2].direct-io.file", '"cwo"', "one of nocow, cow", "cow"],
    [
      "file: cow",
      "^fil: cow",
      "strategies[2].direct-io.fil",
      'the unknown key "fil"',
      "one of file, era",
      "file",
    ],
    [
      "[reuseBeforeCommit]",
      "[^reuseBeforeComit]",
      "faults[0]",
      '"reuseBeforeComit"',
      "the name of a toggle (pagestorm list toggles)",
      "reuseBeforeCommit",
    ],
    [
      "  bmap: corrupt",
      "  ^bmpa: corrupt",
      "expect.bmpa",
      '"bmpa"',
      /^a variant listed under strategies: bmap/,
      "bmap",
    ],
    ["bmap: corrupt", "bmap: ^corupt", "expect.bmap", '"corupt"', /^one of corrupt/, "corrupt"],
    [
      "{ pinned: ETXTBSY",
      "{ pinned: ^ETXTBUSY",
      "timeline[1].expect.pinned",
      '"ETXTBUSY"',
      /^one of ok/,
      "ETXTBSY",
    ],
    ["{ pinned: ETXTBSY", "{ ^pind: ETXTBSY", "timeline[1].expect.pind", '"pind"', /^a variant/, "pinned"],
  ],
  "quantities in the wrong unit or form": [
    ["64MiB", "^64MB", "machine.memory", '"64MB"', /^a size such as 256MiB/, "64MiB"],
    ["64MiB", "^-1", "machine.memory", "-1", /^a size/],
    ["duration: 90s", "duration: ^90sec", "duration", '"90sec"', /^a duration such as 90s, 4us/, "90s"],
    ["duration: 90s", "duration: ^90", "duration", "90", /^a duration such as 90s, 4us/],
    ["duration: 90s", "duration: ^64MiB", "duration", '"64MiB"', /^a duration such as 90s, 4us/],
    ["cpu: 4us", "cpu: ^4µs", "tasks.browser.cpu", '"4µs"', /^a duration/, "4us"],
    ["cpu: 4us", "cpu: ^0.5ns", "tasks.browser.cpu", '"0.5ns"', /^a duration/],
    ["rate: 2000/s", "rate: ^2000", "tasks.ingest.rate", "2000", /^a rate such as 2000\/s/],
    ["cpus: 2", "cpus: ^two", "machine.cpus", '"two"', "a whole number from 1 to 1024"],
    ["cpus: 2", "cpus: ^1.5", "machine.cpus", "1.5", "a whole number from 1 to 1024"],
    ["nocow: true", "nocow: ^yes", 'filesystem.files["/swapfile"].nocow', '"yes"', "true or false"],
    ["repeat: forever", "repeat: ^for ever", "tasks.compiler.repeat", '"for ever"', /^forever or/, "forever"],
    ["pages: 1000", "pages: ^1k", "tasks.browser.pages", '"1k"', "a whole number, at least 1"],
  ],
  "values outside their range": [
    ["64MiB", "^12KiB", "machine.memory", '"12KiB"', /at least|from 16KiB/],
    ["64MiB", "^65537KiB", "machine.memory", '"65537KiB"', /a multiple of 4KiB/],
    ["cpus: 2", "cpus: ^0", "machine.cpus", "0", "a whole number from 1 to 1024"],
    ["cpus: 2", "cpus: ^1025", "machine.cpus", "1025", "a whole number from 1 to 1024"],
    ["cpus: 2", "cpus: 2, swappiness: ^201", "machine.swappiness", "201", "a whole number from 0 to 200"],
    ["pages: 1000", "pages: ^0", "tasks.browser.pages", "0", "a whole number, at least 1"],
    ["writes: 0.3", "writes: ^1.1", "tasks.browser.writes", "1.1", "a number from 0 to 1"],
    ["size: 1GiB, extents", "size: ^0, extents", 'filesystem.files["/db"].size', "0", /^a size/],
    ["at: 50s", "at: ^90s", "timeline[2].at", '"90s"', "a time before the end of the run at 90s"],
    ["start: 1s", "start: ^90s", "tasks.browser.start", '"90s"', "a start before the end of the run at 90s"],
  ],
  "things that do not fit each other": [
    [
      "size: 1GiB, extents",
      "size: ^4GiB, extents",
      'filesystem.files["/db"].size',
      '"4GiB"',
      /^at most 3723MiB/,
    ],
    [
      "files:\n    /swapfile: { size: 512MiB",
      "files:\n    ^/swapfile: { size: 3GiB",
      "filesystem.files",
      "files of 4096MiB together",
      /^at most 3723MiB/,
    ],
    [
      "data: single\n  files:\n",
      "data: dup\n  files:\n    ^/big: { size: 400MiB }\n",
      "filesystem.files",
      "files of 1936MiB together",
      /^at most 1861MiB/,
    ],
    ["size: 4GiB }", "size: 255MiB }", "filesystem.devices", "vda of 255MiB", "at least 256MiB for btrfs"],
    [
      "- path: /swapfile",
      "- path: ^/swap",
      "swap[0].path",
      '"/swap"',
      /^a file listed under filesystem.files/,
      "/swapfile",
    ],
    [
      "- path: /swapfile",
      "- { path: /swapfile, pages: ^131073 }",
      "swap[0].pages",
      "131073",
      /^at most 131072 pages/,
    ],
    [
      "- path: /swapfile",
      "- device: ^vda",
      "swap[0].device",
      '"vda"',
      "a device that the filesystem does not use",
    ],
    ["- path: /swapfile", "- device: ^vdz", "swap[0].device", '"vdz"', /^a device of storage/, "vda"],
    [
      "- path: /swapfile",
      "- path: /swapfile\n  - ^path: /swapfile",
      "swap[1]",
      "/swapfile a second time",
      "each swap area once",
    ],
    ["writes: /db", "writes: ^/bd", "tasks.ingest.writes", '"/bd"', /^a file listed/, "/db"],
    ["rate: 2000/s", "rate: 2000/s, size: ^1028MiB", "tasks.ingest.size", '"1028MiB"', /^a size/],
    [
      "path: /db, expect: ok",
      "path: ^/dbs, expect: ok",
      "timeline[2].path",
      '"/dbs"',
      /^a file listed/,
      "/db",
    ],
    [
      "vrange: /swapfile",
      "vrange: ^/swapfil",
      "timeline[0].filters.vrange",
      '"/swapfil"',
      /^a file listed/,
      "/swapfile",
    ],
    [
      "do: balance, filters: { vrange: /swapfile, usage",
      "do: balance, usage: 3, filters: { vrange: /swapfile, ^usage",
      "timeline[0].filters.usage",
      "usage a second time",
      "each argument once",
    ],
    [
      "trace: ../traces/cc1.lackey.gz",
      "trace: ^cut.gz",
      "tasks.compiler.trace",
      "the end of the file at byte 99",
      "more gzip data",
    ],
    [
      "trace: ../traces/cc1.lackey.gz",
      "trace: ^no.gz",
      "tasks.compiler.trace",
      "no.gz, which does not exist",
      "a trace",
    ],
    [
      "pattern: hotcold",
      "pattern: hotcold, reads: ^/db",
      "tasks.browser.reads",
      "a file for a pattern that reads none",
      "a pattern that reads a file",
    ],
    ["[bmap,", "[bmap, ^bmap,", "strategies[1]", "bmap a second time", "each strategy variant once"],
    [
      "[bmap,",
      "[bmap, ^partition,",
      "strategies[1]",
      "partition",
      "the device to use, such as { partition: { device: vdb } }",
    ],
    [
      "[bmap,",
      "[bmap, ^{ partition: { device: vda } },",
      "strategies[1]",
      'the device "vda"',
      "a device that the filesystem does not use: vdb",
      "vdb",
    ],
    [
      "at: 50s,",
      "id: a, at: 1s, do: balance }\n  - { id: ^a, at: 50s,",
      "timeline[3].id",
      '"a" a second time',
      "each id once",
    ],
  ],
  "a timeline out of order": [
    [
      "at: 50s, do: defrag",
      "after: ^balanc, do: defrag",
      "timeline[2].after",
      '"balanc"',
      "the id of a step: balance, defrag, defrag-2",
      "balance",
    ],
    [
      "at: 50s, do: defrag",
      "at: 50s, wait: [balance, ^snap], do: defrag",
      "timeline[2].wait[1]",
      '"snap"',
      /^the id of a step/,
    ],
    [
      "at: 5s, do: balance",
      "after: ^defrag, id: b, do: balance, usage: 7 }\n  - { after: b, do: defrag, path: /db }\n  - { at: 5s, do: balance",
      "timeline[0].after",
      "a circle: b waits for defrag waits for b",
      "steps that do not wait for each other in a circle",
    ],
    [
      "at: 5s, do: balance",
      "after: ^balance, do: balance",
      "timeline[0].after",
      "a circle: balance waits for balance",
      /in a circle/,
    ],
    [
      "at: 5s, do: balance",
      "at: 5s, ^when: swapUsed > 50%, do: balance",
      "timeline[0].when",
      "when beside at",
      "one of at, after, when",
    ],
    [
      "at: 5s, do: balance",
      "when: ^swapUsd > 50%, do: balance",
      "timeline[0].when",
      '"swapUsd"',
      /^one of swapUsed, freeMemory or a counter/,
      "swapUsed",
    ],
    ["at: 5s, do: balance", "when: ^swapUsed, do: balance", "timeline[0].when", '"swapUsed"', /^a condition/],
    [
      "at: 5s, do: balance",
      "when: ^swapUsed > 120%, do: balance",
      "timeline[0].when",
      '"120%"',
      /^a percentage or a size/,
    ],
  ],
  "a timeline that expects the impossible": [
    [
      "path: /db, expect: ok",
      "path: /db, state: { unchanged: [^/bd] }",
      "timeline[2].state.unchanged[0]",
      '"/bd"',
      /^a file listed/,
      "/db",
    ],
    [
      "path: /db, expect: ok",
      "path: /db, state: { extents: { ^/bd: 3 } }",
      'timeline[2].state.extents["/bd"]',
      '"/bd"',
      /^a file listed/,
      "/db",
    ],
    [
      "path: /db, expect: ok",
      "path: /db, state: { moved: [], ^skiped: [] }",
      "timeline[2].state.skiped",
      'the unknown key "skiped"',
      /^one of extents, blockGroup/,
      "skipped",
    ],
    [
      "path: /db, expect: ok",
      "path: /db, state: { blockGroup: { /db: ^here } }",
      'timeline[2].state.blockGroup["/db"]',
      '"here"',
      /^same, moved, or/,
    ],
    [
      "path: /db, expect: ok",
      "path: /db, log: { ^pind: skipping }",
      "timeline[2].log.pind",
      '"pind"',
      /^a variant listed/,
      "pinned",
    ],
  ],
  "things that are missing": [
    ["name: small\n", "^", "name", "nothing", "a text"],
    [
      "cpu: 4us, init: true, start: 1s }",
      "cpu: 4us }\n  idle: ^{ cpu: 1us }",
      "tasks.idle",
      "a map",
      /^a task with/,
    ],
    ["pages: 1000, ", "", "tasks.browser.pages", "nothing", "a whole number, at least 1"],
    ["path: /db, expect: ok", "expect: ok", "timeline[2].path", "nothing", "a path that begins with /"],
    ["do: balance, ", "", "timeline[0].do", "nothing", /^an operation/],
    ["memory: 64MiB, ", "", "machine.memory", "nothing", /^a size/],
    ["duration: 90s", "^duration:", "duration", "nothing", /^a duration/],
    ["  - path: /swapfile", "  ^[]", "swap", "none", "at least one swap area"],
    [
      "pattern: hotcold, pages: 1000, hot: 0.2",
      "pattern: file, pages: 1000",
      "tasks.browser.reads",
      "nothing",
      "the path of the file that this pattern reads",
    ],
  ],
  "YAML that is wrong": [
    [
      "duration: 90s",
      "duration: 90s\n^duration: 80s",
      "",
      'the key "duration" a second time',
      "each key once",
    ],
    ["cpus: 2 }", "cpus: 2, ^cpus: 3 }", "", 'the key "cpus" a second time', "each key once"],
  ],
};

for (const [title, cases] of Object.entries(CASES)) {
  describe(title, () => {
    for (const [from, to, path, found, expected, suggestion] of cases) {
      it(`${from.trim()} -> ${to.trim()}`, () => {
        const { text, line, column } = spoilt(from, to);
        const problems = problemsOf(text);
        expect(problems.map(formatProblem)).toHaveLength(1);
        const [problem] = problems;
        expect(problem?.path).toBe(path);
        expect(problem?.found).toBe(found);
        expect(problem?.suggestion).toBe(suggestion);
        expect(problem?.expected).toMatch(expected);
        if (to.includes("^")) expect(problem).toMatchObject({ file: "s.yaml", line, column });
      });
    }
  });
}

describe("one place", () => {
  it.each([
    ["at: 5s", "at: ^5 sec"],
    ["at: 5s, do", "id: ^[a], at: 5s, do"],
    ["do: balance,", "do: balance, says: ^[moved],"],
    ["devices: [vda]", "devices: [^vdc]\n  layout: ''"],
    ["hot: 0.2", "cgroup: ^[a], hot: 0.2"],
    ["hot: 0.2", "^cgroup: , hot: 0.2"],
  ])("has one problem and not two: %s -> %s", (from, to) => {
    const { text, line, column } = spoilt(from, to);
    const there = problemsOf(text).filter((problem) => problem.line === line && problem.column === column);
    expect(there.map(formatProblem)).toHaveLength(1);
  });
});

describe("a problem as text", () => {
  it.each([
    ["cpus: 2 }", 'cpus: "two" }', 'machine: { memory: 64MiB, cpus: "two" }'],
    ["pattern: hotcold", "pattern: hotcool", "  browser: { pattern: hotcool, pages: 1000"],
  ])("shows the line with carets under the place: %s", (from, to, line) => {
    const [problem] = problemsOf(GOOD_SCENARIO.replace(from, () => to));
    const [message, source, marks] = formatProblem(problem!).split("\n");
    expect(message).toMatch(/^s\.yaml:\d+:\d+: /);
    expect(source).toContain(line.slice(0, 40));
    const at = marks!.indexOf("^");
    expect(source!.slice(at, at + marks!.match(/\^+/)![0].length)).toBe(/"two"|hotcool/.exec(to)![0]);
  });

  it("keeps only the part of a long line around the place", () => {
    const long = `name: ${"x".repeat(300)}\nmachine: { memory: 64MiB, cpus: ${" ".repeat(200)}"two" }\n`;
    const texts = problemsOf(long).map(formatProblem);
    const marked = texts.find((text) => text.includes('found "two"'))!.split("\n");
    expect(marked[1]!.length).toBeLessThan(120);
    expect(marked[2]!.indexOf("^")).toBe(marked[1]!.indexOf('"two"'));
  });

  it("shows no line for what came from the command line", () => {
    const [problem] = problemsOf(GOOD_SCENARIO, { strategies: { names: "bmop", option: "--strategies" } });
    expect(formatProblem(problem!)).not.toContain("\n");
  });
});
