import { describe, expect, it } from "vitest";
import { collectRows } from "../../../src/validate/collect.ts";
import { experimentOf } from "../../../src/validate/experiment.ts";
import { FEATURES, missingFeatures } from "../../../src/validate/features.ts";
import type { MeasuredMachine } from "../../../src/validate/measured-machine.ts";
import { WorkloadProgram } from "../../../src/validate/workload.ts";
import { SAMPLE, shipped } from "./helpers.ts";

const sample = collectRows([{ name: "sample", text: SAMPLE }]).rows;

function machine(part: string, changes: Partial<MeasuredMachine> = {}): MeasuredMachine {
  const row = sample.find(({ inputs }) => inputs.id.includes(part));
  if (!row) throw new Error(`no row ${part}`);
  return { ...row.machine, ...changes };
}

function scenarioOf(measured: MeasuredMachine) {
  const programs = measured.workload.map((workload) => new WorkloadProgram(workload));
  const experiment = experimentOf(measured, programs);
  if ("skipped" in experiment) throw new Error(experiment.skipped);
  return experiment.scenario;
}

describe("the machine of a row", () => {
  it("has the zones, the swap area and the LRU of the row", () => {
    expect(machine("pc0-sw60-lru0-hot10")).toMatchObject({
      cpus: 1,
      managed: 145_180 / 4,
      free: 27_286,
      locked: 40,
      lru: "classic",
      pageCluster: 0,
      group: undefined,
      swap: { backend: "partition", target: "/dev/vda", pages: 262_144, extents: 1, solidState: true },
    });
  });

  it("has the limits of the cgroup in pages", () => {
    const { group } = machine("cg32-part-ssd-pc0-sw60-lru0-ping");
    expect(group).toMatchObject({ max: 8192, high: Number.POSITIVE_INFINITY });
    expect(group!.charged).toBeGreaterThan(group!.accounted);
  });

  it.each([
    ["gl192-part-ssd-pc3-sw60-lru0-twouni", true],
    ["gl192-part-hdd", false],
    ["gl192-btrfsfile", false],
    ["-afterbtrfs", false],
  ])("reads ahead by address where nothing is rotational: %s %s", (part, expected) => {
    expect(machine(part).vmaReadahead).toBe(expected);
  });
});

describe("the simulated machine", () => {
  it("has the zones of the row, and what is free in them", () => {
    const { zones } = scenarioOf(machine("pc0-sw60-lru0-hot10")).machine;
    expect(zones).toMatchObject([
      { name: "DMA", free: 3806, marks: { min: 42, low: 52, high: 62 }, lowmemReserve: 114 },
      { name: "DMA32", free: 23_480, marks: { min: 321, low: 401, high: 481 }, lowmemReserve: 0 },
    ]);
  });

  it("knows what is scattered only where the whole machine is short of memory", () => {
    const inGroup = scenarioOf(machine("cg32-part-ssd-pc0-sw60-lru0-ping"));
    expect(inGroup.machine.zones?.[0]?.fragmentation).toBeUndefined();
    expect(scenarioOf(machine("part-hdd")).machine.zones?.[0]?.fragmentation).toMatchObject({ pcpBatch: 1 });
  });

  it("has the group with its limit, what is charged and what of that is stock", () => {
    expect(scenarioOf(machine("cg32-part-ssd-pc0-sw60-lru0-ping")).groups).toMatchObject([
      { max: 8192, high: Number.POSITIVE_INFINITY, charged: 125, stock: 24 },
    ]);
  });

  it("swaps to the partition, or through the filesystem to the file", () => {
    expect(scenarioOf(machine("part-hdd"))).toMatchObject({
      storage: [{ name: "vda", size: 2 ** 30, rotational: true }],
      filesystem: undefined,
      strategies: [{ strategy: "partition" }],
    });
    expect(scenarioOf(machine("btrfsfile"))).toMatchObject({
      storage: [{ rotational: false }],
      filesystem: {
        type: "btrfs",
        files: [{ path: "/mnt/b/swapfile", size: 2 ** 28, nocow: true, extents: 1 }],
      },
      strategies: [{ strategy: "pinned" }],
    });
  });

  it("does not depend on what the row is called", () => {
    const [row] = sample;
    const renamed = collectRows([
      { name: "s", text: SAMPLE.split("\n")[0]!.replace(row!.inputs.id, "other") },
    ]);
    expect(renamed.rows[0]?.machine).toEqual(row?.machine);
  });
});

describe("what the model lacks", () => {
  it.each([
    ["cg32-part-ssd-pc0-sw60-lru0-ping", "memory cgroup limits"],
    ["lru7", "MGLRU"],
    ["zswap", "zswap"],
    ["zram", "zram"],
    ["nfsloop", "swap over NFS"],
    ["fread", "file pages in memory"],
    ["slow1500", "a limited request rate"],
    ["twouni", "VMA readahead"],
  ])("is told: %s needs %s", (part, feature) => {
    const known = FEATURES.find(({ name }) => name === feature);
    expect(known?.neededBy(machine(part))).toBe(true);
    if (known?.modelled === "no") expect(missingFeatures(machine(part))).toContain(feature);
  });

  it.each([
    ["a kernel other than 6.1", { kernel: "6.12.1-amd64" }],
    ["swappiness above 200", { swappiness: 201 }],
    ["an unknown kind of swap", { swap: { ...machine("part-hdd").swap, backend: "unknown" } }],
  ] as const)("is told: %s", (feature, changes) => {
    expect(missingFeatures(machine("part-hdd"))).not.toContain(feature);
    expect(missingFeatures(machine("part-hdd", changes))).toContain(feature);
  });

  it("is no readahead where the window is one page", () => {
    expect(missingFeatures(machine("pc0-sw60-lru0-hot10"))).toEqual([]);
    expect(machine("pc0-sw60-lru0-hot10").vmaReadahead).toBe(true);
  });

  it("explains every shipped row that is skipped", () => {
    const { rows } = collectRows([{ name: "all", text: shipped("ground-truth.jsonl.gz") }]);
    for (const { machine: measured } of rows) {
      const programs = measured.workload.map((workload) => new WorkloadProgram(workload));
      const experiment = experimentOf(measured, programs);
      const missing = missingFeatures(measured);
      if ("skipped" in experiment) expect(experiment.skipped).toBe(`not modelled: ${missing.join(", ")}`);
      else expect(missing).toEqual([]);
    }
  });
});
