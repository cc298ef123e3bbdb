import { describe, expect, it } from "vitest";
import type { StrategyResult } from "../../../sim/index.ts";
import { GOOD_SCENARIO } from "../fakes.ts";
import { pagestorm } from "./helpers.ts";

describe("pagestorm compare", () => {
  it("prints the report and succeeds when everything came as expected", async () => {
    const result = await pagestorm("compare s.yaml");
    expect(result).toMatchObject({ exitCode: 0, stderr: "", files: [], closed: 1 });
    expect(result.stdout).toContain("May I use this swap file?");
  });

  it("exits with 1 when an expectation failed", async () => {
    const result = await pagestorm("compare s.yaml", { verdicts: { bmap: "correct" } });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain("expected bmap: corrupt; got correct");
  });

  it("writes JSON to a file beside the report", async () => {
    const result = await pagestorm("compare s.yaml --json out.json --no-color");
    expect(result.files.map(({ path }) => path)).toEqual(["out.json"]);
    expect(JSON.parse(result.files[0]!.text)).toMatchObject({ schema: "pagestorm/compare/2" });
    expect(result.stdout).toContain("verdict");
  });

  it("writes nothing but JSON to standard output for --json -", async () => {
    const result = await pagestorm("compare s.yaml --json - --seed 7 --strategies pinned");
    expect(JSON.parse(result.stdout)).toMatchObject({ seed: "7", strategies: [{ name: "pinned" }] });
    expect(result.files).toEqual([]);
  });

  it("prints nothing when told to be quiet, but still writes the file", async () => {
    const result = await pagestorm("compare s.yaml --quiet --json out.json");
    expect(result).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(result.files).toHaveLength(1);
  });

  it("prints colours only where they are wanted", async () => {
    const ESC = String.fromCharCode(27);
    expect((await pagestorm("compare s.yaml")).stdout).toContain(ESC);
    expect((await pagestorm("compare s.yaml --no-color")).stdout).not.toContain(ESC);
    expect((await pagestorm("compare s.yaml", { ports: { colour: false } })).stdout).not.toContain(ESC);
  });
});

describe("pagestorm reserve", () => {
  it("tells the smallest reserve of each variant and what happens below it", async () => {
    const result = await pagestorm("reserve s.yaml --strategies pinned");
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toContain("pinned: a reserve of 0 pages (0 B) will do; the kernel sets 256 pages");
  });

  it("fails if no reserve will do, and writes what was tried", async () => {
    const world = { verdicts: { pinned: "deadlocked" } } as const;
    const result = await pagestorm("reserve s.yaml --strategies pinned --json -", world);
    expect(result.exitCode).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: "pagestorm/reserve/1",
      strategies: [
        {
          strategy: "pinned",
          smallestPages: null,
          tries: [{ pages: 256, verdict: "deadlocked" }, {}, {}, {}, {}],
        },
      ],
    });
  });

  it("simulates nothing if something is wrong", async () => {
    const result = await pagestorm("reserve s.yaml --set machine.memory=none");
    expect(result).toMatchObject({ exitCode: 2, closed: 0 });
    expect(result.stderr).toContain("--set");
  });

  it("tells at a defect of its own the whole line that repeats it", async () => {
    const line = "reserve s.yaml --strategies pinned --toggle dropDirtyBit --seed 7";
    const result = await pagestorm(line, { fail: new Error("a frame is on two lists") });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain(`This line repeats it:\n  pagestorm ${line}\n`);
  });
});

describe("pagestorm run", () => {
  it("breaks mechanisms that --toggle names, and knows no others", async () => {
    expect((await pagestorm("run s.yaml --strategy bmap --toggle dropDirtyBit")).exitCode).toBe(0);
    const { exitCode, stderr } = await pagestorm("run s.yaml --strategy bmap --toggle dropDirtyBits,x");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--toggle: found "dropDirtyBits" .did you mean "dropDirtyBit"/);
    expect(stderr).toContain('--toggle: found "x"');
  });

  it("repeats a toggle in the line that repeats a defect", async () => {
    const fail = new Error("broken rule");
    const { stderr } = await pagestorm("run s.yaml --strategy bmap --toggle dropDirtyBit", { fail });
    expect(stderr).toContain("pagestorm run s.yaml --strategy bmap --seed 1 --toggle dropDirtyBit\n");
  });

  it("runs one variant, also one that the scenario does not list", async () => {
    const result = await pagestorm("run s.yaml --strategy direct-io --json -");
    const document = JSON.parse(result.stdout);
    expect(document.schema).toBe("pagestorm/run/2");
    expect(document.strategies.map(({ name }: StrategyResult) => name)).toEqual(["direct-io"]);
  });

  it("shows the disk at the moment of --map, also if it is told to be quiet otherwise", async () => {
    const result = await pagestorm("run s.yaml --strategy pinned --quiet --map 5s");
    expect(result.stdout).toMatch(/^The disk with pinned at 5 s\n/);
    expect(result.stdout).toContain("held by swap");
    expect((await pagestorm("run s.yaml --strategy pinned --map 5s")).stdout).toContain("May I use");
  });

  it("judges only what the scenario expects of that variant", async () => {
    expect((await pagestorm("run s.yaml --strategy bmap")).exitCode).toBe(0);
    expect((await pagestorm("run s.yaml --strategy bmap", { verdicts: { bmap: "correct" } })).exitCode).toBe(
      1,
    );
  });
});

describe("wrong use and wrong input", () => {
  const WRONG: [line: string, message: RegExp][] = [
    ["", /Usage: pagestorm/],
    ["compar s.yaml", /unknown command 'compar'[\s\S]*compare/],
    ["compare s.yaml --sed 1", /unknown option '--sed'[\s\S]*--seed/],
    ["compare", /missing required argument 'scenario'/],
    [
      "run s.yaml",
      /^--strategy: found nothing, expected one of the strategies of s.yaml: bmap, pinned, direct-io\(file=cow\)\n$/,
    ],
    ["run no.yaml", /^no.yaml: there is no such file\n$/],
    [
      "explore s.yaml",
      /^--strategy: found nothing, expected one of the strategies of s.yaml: bmap, pinned, /,
    ],
    ["run s.yaml --strategy bmap,pinned", /--strategy: found bmap,pinned, expected one strategy/],
    [
      "run s.yaml --strategy pinned --map 91s",
      /--map: found 91s, expected a duration such as 5s, at most 90s/,
    ],
    ["run s.yaml --strategy pinned --map soon", /--map: found soon, expected a duration/],
    ["run s.yaml --strategy pined", /--strategy: found "pined".*did you mean "pinned"/],
    ["compare no.yaml", /^no.yaml: there is no such file\n$/],
    ["compare s.yaml --html ./s.yaml", /^--html: .\/s.yaml: it is read, and would be lost\n$/],
    ["run s.yaml --strategy bmap --json s.yaml", /^--json: s.yaml: it is read, and would be lost\n$/],
    ["compare s.yaml --json o --html o", /^--html: o: --json is written there\n$/],
    ["reserve s.yaml --json s.yaml", /^--json: s.yaml: it is read, and would be lost\n$/],
    ["report s.yaml --html s.yaml", /--html: s.yaml: it is read, and would be lost\n$/],
    [
      "compare s.yaml --json /nowhere/out.json",
      /^--json: \/nowhere\/out.json: there is no such directory\n$/,
    ],
  ];
  it.each(WRONG)("pagestorm %s", async (line, message) => {
    const result = await pagestorm(line);
    expect(result).toMatchObject({ exitCode: 2, stdout: "", files: [], closed: 0 });
    expect(result.stderr).toMatch(message);
  });

  it("tells a missing strategy beside what is wrong with the file, and names those that there are", async () => {
    const { exitCode, stderr } = await pagestorm("run s.yaml", {
      text: GOOD_SCENARIO.replace("[bmap, pinned", "[bmop, pinned"),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^s\.yaml:15:14: strategies\[0\]: found "bmop"/);
    expect(stderr).toMatch(/\n--strategy: found nothing, expected a strategy: one of partition, bmap, .*\n$/);
  });

  it("lists all problems of a scenario on standard error, and runs nothing", async () => {
    const text = GOOD_SCENARIO.replace("64MiB", "64MB").replace("hotcold", "hotcol");
    const result = await pagestorm("compare s.yaml --json -", { text });
    expect(result).toMatchObject({ exitCode: 2, stdout: "", files: [], closed: 0 });
    expect(result.stderr.match(/^s\.yaml:/gm)).toHaveLength(2);
    expect(result.stderr).toMatch(/^s.yaml:2:20: machine.memory/);
  });
});

describe("a defect of pagestorm", () => {
  it("exits with 3 and the line that repeats it, and writes nothing", async () => {
    const fail = new Error("broken rule: a bio completes once");
    const result = await pagestorm("compare s.yaml --seed 7 --json - --strategies direct-io(file=cow)", {
      fail,
    });
    expect(result).toMatchObject({ exitCode: 3, stdout: "", files: [], closed: 1 });
    expect(result.stderr).toContain("broken rule: a bio completes once");
    expect(result.stderr).toContain("\n  pagestorm run s.yaml --strategy 'direct-io(file=cow)' --seed 7\n");
  });

  it("in reading a scenario is told like one in a run", async () => {
    const traceReader = (): never => {
      throw new TypeError("undefined is not a function");
    };
    const result = await pagestorm("compare s.yaml", { ports: { traceReader } });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain("\n  pagestorm compare s.yaml\n");
  });
});

describe("help", () => {
  it.each([["--help"], ["help"], ["compare --help"], ["--version"]])(
    "%s succeeds on standard output",
    async (line) => {
      const result = await pagestorm(line);
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      expect(result.stdout).not.toBe("");
    },
  );
});

describe("the HTML report", () => {
  it("is written beside the JSON, which is the same without it", async () => {
    const both = await pagestorm("compare s.yaml --html out.html --json out.json");
    const alone = await pagestorm("compare s.yaml --json out.json --quiet --no-color");
    expect(both.files.map(({ path }) => path)).toEqual(["out.json", "out.html"]);
    expect(both.files[0]).toEqual(alone.files[0]);
    expect(both.files[1]!.text).toMatch(/^<!doctype html>[\s\S]*draw\(\)/);
  });

  it("is not begun where it cannot be written", async () => {
    const result = await pagestorm("compare s.yaml --html /nowhere/out.html");
    expect(result).toMatchObject({ exitCode: 2, files: [], closed: 0 });
    expect(result.stderr).toBe("--html: /nowhere/out.html: there is no such directory\n");
  });

  it("is made of saved results, and of several", async () => {
    const { files } = await pagestorm("compare s.yaml --json saved.json");
    const ports = { readText: () => ({ text: files[0]!.text }) };
    const report = await pagestorm("report a.json b.json --html out.html", { ports });
    expect(report).toMatchObject({ exitCode: 0, stdout: "out.html is written\n" });
    const data = /id="results">([^<]*)</.exec(report.files[0]!.text)![1]!;
    expect(JSON.parse(data)).toEqual([JSON.parse(files[0]!.text), JSON.parse(files[0]!.text)]);
  });

  it.each([
    ["text", "a.json: found text that is no JSON"],
    ["{}", "a.json: schema: "],
    ['{"schema":"pagestorm/compare/1"}', "a.json: schema: "],
  ])("says what is wrong with %j", async (text, message) => {
    const result = await pagestorm("report a.json --html out.html", {
      ports: { readText: () => ({ text }) },
    });
    expect(result).toMatchObject({ exitCode: 2, stdout: "", files: [] });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain("expected a result written by");
  });
});
