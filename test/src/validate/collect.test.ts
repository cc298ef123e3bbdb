import { describe, expect, it } from "vitest";
import { collectRows } from "../../../src/validate/collect.ts";
import { CONTROL, lines, OUTCOMES, sampleRow, shipped, withoutOutcome } from "./helpers.ts";

const collect = (text: string, name = "rows.jsonl") => collectRows([{ name, text }]);
const control = sampleRow(CONTROL);
const workload = (changes: object) =>
  sampleRow(CONTROL, { workload: [{ pat: "uniform", n: 100, m: 100, ...changes }] });
const config = (changes: object) =>
  sampleRow(CONTROL, { config: { ...(control["config"] as object), ...changes } });

describe("the lines of a file of measurements", () => {
  it("of the shipped files are all right", () => {
    const files = ["ground-truth.jsonl.gz", "reruns.jsonl.gz"].map((name) => ({ name, text: shipped(name) }));
    const { rows, problems, strays } = collectRows(files);
    expect(problems).toEqual([]);
    expect(strays).toBe(0);
    expect(rows).toHaveLength(256);
    expect(rows.reduce((sum, { measurements }) => sum + measurements.length, 0)).toBe(256 + 206);
  });

  it.each([
    ["text", "{", "found text that is no JSON, expected one experiment"],
    ["another kind of object", { id: "x", cases: [] }, /^rows.jsonl:2: boot: .*; and \d+ more$/],
    ["no object", [1, 2], /expected object/],
    ["a missing field", sampleRow(CONTROL, { T0: undefined }), "rows.jsonl:2: T0: "],
    ["a field of another type", config({ swappiness: "60" }), "config.swappiness: "],
    ["an unknown pattern", workload({ pat: "spiral" }), "workload.0.pat: "],
    ["an unknown parameter", workload({ burst: 3 }), /workload.0: .*"burst"/],
    ["an impossible workload", workload({ pat: "hotcold", n: 1 }), "hotcold needs a hot and a cold page"],
    ["a window of nothing", workload({ pat: "phase" }), "phase needs a window W"],
    ["reads of no file", workload({ pat: "file" }), "pattern file and parameter file go together"],
    ["a strange swapon line", sampleRow(CONTROL, { swapon_dmesg: "swapon failed" }), 'found "swapon failed"'],
    [
      "no free memory told",
      sampleRow(CONTROL, { T0: { ...(control["T0"] as object), vm: {} } }),
      "T0.vm.nr_free_pages",
    ],
    ["a cgroup without usage", config({ mode: "cgroup", memory_max: "33554432" }), "T0.memory_current"],
    ["an outcome that is none", sampleRow(CONTROL, { run: { vmstat: [1] } }), "run.vmstat: "],
    ["a rerun of nobody", { rerun: "A" }, "rows.jsonl:2: id: "],
  ])("are named if they are damaged: %s", (_what, damaged, problem) => {
    const { rows, problems } = collect(lines({ ...control, id: "good" }, damaged));
    expect(rows.map(({ inputs }) => inputs.id)).toEqual(["good"]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).toMatch(/^rows\.jsonl:2: /);
  });

  it("may be blank", () => {
    expect(collect(`\n${JSON.stringify(control)}\r\n\n`)).toMatchObject({ problems: [], rows: [{}] });
  });

  it("must not bring the same id twice", () => {
    const { rows, problems } = collectRows([
      { name: "a", text: lines(control) },
      { name: "b", text: lines("", control) },
    ]);
    expect(rows).toHaveLength(1);
    expect(problems).toEqual([`b:2: id: found "${CONTROL}" again, it is already that of a:1`]);
  });
});

describe("a rerun", () => {
  const rerun = { id: CONTROL, rerun: "A", run: { vmstat: { pswpin: 7 } } };

  it("is one more measurement of its row, wherever it stands", () => {
    for (const text of [lines(control, rerun), lines(rerun, control)]) {
      const { rows } = collect(text);
      expect(rows.map(({ measurements }) => measurements.length)).toEqual([2]);
      expect(rows[0]?.measurements[1]?.get("run")).toMatchObject({ pswpin: 7 });
    }
  });

  it("of an absent row is counted and is no problem", () => {
    expect(collect(lines(rerun))).toMatchObject({ rows: [], problems: [], strays: 1 });
  });
});

describe("a measurement", () => {
  it("sums block counters over the disks and faults over the processes", () => {
    const { rows } = collect(
      lines({
        ...control,
        run: {
          vmstat: { pswpin: 3 },
          blk: { vda: { rd_ios: 1, rd_ms: 9 }, vdb: { rd_ios: 2, wr_merges: 4 } },
        },
        wl_result: [{ run_majflt: 5, init_majflt: 1 }, { run_majflt: 6 }],
        wl_verify: [{ verify_minflt: 8 }, null],
      }),
    );
    const [measured] = rows[0]!.measurements;
    expect(measured?.get("run")).toEqual({
      pswpin: 3,
      "blk.rd_ios": 3,
      "blk.rd_merges": 0,
      "blk.wr_ios": 0,
      "blk.wr_merges": 4,
      "wl.majflt": 11,
      "wl.minflt": 0,
    });
    expect(measured?.get("init")).toMatchObject({ "wl.majflt": 1 });
    expect(measured?.get("verify")).toMatchObject({ "wl.minflt": 8 });
  });

  it("may be missing: the row is there all the same", () => {
    const { rows, problems } = collect(lines(withoutOutcome(control)));
    expect(problems).toEqual([]);
    expect(rows[0]?.measurements[0]?.size).toBe(0);
  });

  it("is nothing that the simulation sees", () => {
    const { rows } = collect(lines({ ...control, T1: {}, counters: { pswpin: 1 } }));
    const seen = Object.keys(rows[0]!.inputs);
    expect(seen.filter((name) => [...OUTCOMES, "T1", "T2", "counters"].includes(name))).toEqual([]);
  });
});
