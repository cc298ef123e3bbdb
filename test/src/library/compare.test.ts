import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { compare, type ScenarioFile } from "../../../src/index.ts";
import type {
  BugSection,
  CgroupSection,
  ConformanceSection,
  ExploreSection,
  FileSection,
  MachineSection,
  MemoryTaskFields,
  PlainDeviceSection,
  ScriptTask,
  StackedDeviceSection,
  SwapSection,
  WriterTask,
} from "../../../src/library/index.ts";
import {
  BUG_KEYS,
  CGROUP_FIELDS,
  CONFORMANCE_FIELDS,
  deviceFields,
  EXPLORE_FIELDS,
  FILE_FIELDS,
  machineFields,
  memoryTaskFields,
  SWAP_FIELDS,
  scriptTaskFields,
  stackedFields,
  TOP_KEYS,
  WRITER_FIELDS,
} from "../../../src/scenario/fields/index.ts";

/** Two programs of a thousand pages in 4 MiB of memory, swapping to a partition for a tenth of a second. */
const TINY: ScenarioFile = {
  name: "tiny",
  machine: { memory: "4MiB" },
  storage: { sda: { model: "ram", size: "16MiB" } },
  swap: [{ device: "sda" }],
  strategies: ["partition"],
  tasks: { one: { pattern: "uniform", pages: 1500, writes: 0.5, cpu: "10us" } },
  duration: "100ms",
  expect: { partition: "correct" },
};

/** The same as the text of a file. */
const TEXT = `
name: tiny
machine: { memory: 4MiB }
storage: { sda: { model: ram, size: 16MiB } }
swap: [{ device: sda }]
strategies: [partition]
tasks: { one: { pattern: uniform, pages: 1500, writes: 0.5, cpu: 10us } }
duration: 100ms
expect: { partition: correct }
`;

describe("compare as a function", () => {
  it("takes an object or the text of a file, with the same result to the byte", async () => {
    const result = await compare(TINY);
    expect(result).toMatchObject({
      schema: "pagestorm/compare/2",
      strategies: [{ name: "partition", verdict: "correct" }],
      expectations: [{ what: "partition: correct", held: true }],
    });
    expect(JSON.stringify(await compare(TEXT))).toBe(JSON.stringify(result));
  });

  it("takes another seed", async () => {
    const [first, second] = [await compare(TINY), await compare(TINY, { seed: "2" })];
    expect(second.seed).toBe("2");
    expect(second.strategies[0]?.fingerprint).not.toBe(first.strategies[0]?.fingerprint);
  });

  it("tells how far it has come", async () => {
    const seen: number[] = [];
    await compare(TINY, { onProgress: (variant, { simulatedNs }) => variant && seen.push(simulatedNs) });
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("rejects with everything that is wrong: by path in an object, by line in a text", async () => {
    const wrong = { ...TINY, machine: { memory: "4MiB", cpus: 0 }, strategies: ["partitoin"] } as const;
    await expect(compare(wrong)).rejects.toMatchObject({
      name: "ScenarioError",
      problems: [{ path: "machine.cpus" }, { path: "strategies[0]", suggestion: "partition" }],
      message: expect.stringMatching(
        /^machine\.cpus: found 0, expected .*\nstrategies\[0\]: found "partitoin"/,
      ),
    });
    await expect(compare(TEXT.replace("4MiB", "4MB"))).rejects.toThrow(/^scenario:3:20: machine\.memory/);
  });
});

describe("traces", () => {
  const traced: ScenarioFile = { ...TINY, tasks: { sort: { trace: "sort.gz", repeat: 3 } } };
  const recorded = readFileSync(
    join(import.meta.dirname, "../../../workloads/traces/recorded/sort.lackey.gz"),
  );

  it("are given as bytes, by name", async () => {
    const { strategies } = await compare(traced, { traces: { "sort.gz": recorded } });
    expect(strategies[0]?.counters["pgfault"]).toBeGreaterThan(900);
  });

  it.each([
    ["missing", {}, /found "sort.gz", which is not among traces, expected a trace/],
    ["cut off", { "sort.gz": recorded.subarray(0, 1000) }, /at byte \d+/],
    ["no traces", { "sort.gz": gzipSync("hello\n") }, /at line 1/],
  ])("that are %s are problems of the scenario", async (_what, traces, message) => {
    await expect(compare(traced, { traces })).rejects.toThrow(message);
  });
});

/** Every key of a section, once; the compiler complains if the type has another. */
type Keys<Section> = Readonly<Record<keyof Section, true>>;

describe("the types of a scenario name the keys that its reader knows:", () => {
  const machine: Keys<MachineSection> = {
    memory: true,
    cpus: true,
    kernel: true,
    reclaim: true,
    swappiness: true,
    minTtl: true,
    pageCluster: true,
    vmaReadahead: true,
    zswap: true,
    watermarkScaleFactor: true,
    minFree: true,
  };
  const stacked: Keys<StackedDeviceSection> = { model: true, over: true };
  const device: Keys<PlainDeviceSection> = {
    model: true,
    size: true,
    rotational: true,
    requestsPerSecond: true,
    readErrors: true,
    writeErrors: true,
    spikes: true,
    tornWrites: true,
    spikeTime: true,
  };
  const cgroup: Keys<CgroupSection> = {
    memoryMax: true,
    memoryHigh: true,
    memoryLow: true,
    memoryMin: true,
    swapMax: true,
    swapHigh: true,
  };
  const file: Keys<FileSection> = { size: true, nocow: true, preallocated: true, extents: true };
  const swap: Keys<Omit<SwapSection, "path" | "device">> = { pages: true, priority: true };
  const task: Keys<MemoryTaskFields> = {
    start: true,
    cpu: true,
    init: true,
    repeat: true,
    cgroup: true,
    compressed: true,
    threadOf: true,
    forkOf: true,
  };
  const script: Keys<Omit<ScriptTask, "script">> = {
    start: true,
    cgroup: true,
    compressed: true,
    threadOf: true,
    forkOf: true,
  };
  const bug: Keys<BugSection> = {
    id: true,
    seen: true,
    source: true,
    evidence: true,
    invariant: true,
    fix: true,
    witness: true,
    schedule: true,
  };
  const explore: Keys<ExploreSection> = {
    from: true,
    allocationsFail: true,
    memoryShort: true,
    ioFails: true,
  };
  const conformance: Keys<ConformanceSection> = {
    row: true,
    source: true,
    class: true,
    given: true,
    must: true,
    ours: true,
  };
  const writer: Keys<Omit<WriterTask, "writes">> = {
    start: true,
    blocks: true,
    pattern: true,
    rate: true,
    size: true,
    readEvery: true,
  };
  const top: Keys<ScenarioFile> = {
    name: true,
    seed: true,
    machine: true,
    cgroups: true,
    storage: true,
    filesystem: true,
    swap: true,
    strategies: true,
    tasks: true,
    duration: true,
    timeline: true,
    expect: true,
    counters: true,
    conformance: true,
    bug: true,
    explore: true,
    costs: true,
    faults: true,
  };

  it.each([
    ["machine", machine, [...Object.keys(machineFields(catalogue)), "zswap"]],
    ["cgroup", cgroup, Object.keys(CGROUP_FIELDS)],
    ["device", device, Object.keys(deviceFields(catalogue))],
    ["device over another one", stacked, Object.keys(stackedFields(catalogue))],
    ["file", file, Object.keys(FILE_FIELDS)],
    ["swap area", swap, Object.keys(SWAP_FIELDS)],
    ["memory task", task, Object.keys(memoryTaskFields())],
    ["script task", script, Object.keys(scriptTaskFields())],
    ["bug", bug, BUG_KEYS],
    ["explore", explore, Object.keys(EXPLORE_FIELDS)],
    ["conformance", conformance, Object.keys(CONFORMANCE_FIELDS)],
    ["writer", writer, Object.keys(WRITER_FIELDS)],
    ["the whole", top, TOP_KEYS],
  ])("%s", (_name, typed, known) => {
    expect(Object.keys(typed).toSorted()).toEqual([...known].toSorted());
  });
});
