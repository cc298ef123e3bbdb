import { describe, expect, it } from "vitest";
import type { Scenario } from "../sim/index.ts";
import { type AccessSource, type PhasedExperiment, simulatePhases } from "../sim/index.ts";
import { Machine } from "../sim/machine.ts";
import { desktopCosts } from "../sim/mm/costs.ts";

const MIB = 2 ** 20;

/** A machine of 4 MiB with a swap partition of 16 MiB. */
function scenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    name: "phases",
    seed: "1",
    machine: {
      memory: 4 * MIB,
      cpus: 1,
      kernel: "linux-6.1",
      swappiness: 60,
      pageCluster: 0,
      watermarkScaleFactor: 10,
    },
    storage: [{ name: "vda", model: "ssd-sata", size: 16 * MIB }],
    filesystem: undefined,
    swap: [{ target: { kind: "device", device: "vda" }, headerPages: undefined, priority: undefined }],
    strategies: [],
    tasks: [],
    duration: 0,
    timeline: [],
    expect: {},
    faults: [],
    ...changes,
  };
}

/** Touches pages 0 .. count - 1 in order, in batches of 16, and tells each batch. */
function ascending(pages: number, count: number, write: boolean, told: () => void = () => {}): AccessSource {
  let next = 0;
  return {
    pages,
    fill(batch) {
      told();
      const size = Math.min(16, batch.length, count - next);
      for (let index = 0; index < size; index++) batch[index] = next++ * 2 + Number(write);
      return size;
    },
  };
}

const PAGES = 1500;

function experiment(changes: Partial<PhasedExperiment> = {}): PhasedExperiment {
  return {
    scenario: scenario(),
    variant: { name: "partition", strategy: "partition", options: { device: "" } },
    times: { untilRead: 20e6, untilNext: 280e6 },
    programs: [{ name: "a", pages: PAGES, cpu: 500 }],
    phases: [
      { name: "fill", order: "in turn", open: () => ascending(PAGES, PAGES, true) },
      { name: "rest", order: "in turn", open: () => undefined },
      { name: "read", order: "in turn", open: () => ascending(PAGES, PAGES, false) },
    ],
    ...changes,
  };
}

/** Letters of the programs in the order in which they fetch accesses. */
function fetches(order: "in turn" | "at once"): string {
  let text = "";
  const tell = (program: number) => () => {
    text += "ab"[program];
  };
  const phases = [
    { name: "p", order, open: (program: number) => ascending(1000, 1000, true, tell(program)) },
  ];
  const programs = ["a", "b"].map((name) => ({ name, pages: 1000, cpu: 10_000 }));
  expect(simulatePhases(experiment({ programs, phases })).failure).toBeUndefined();
  return text;
}

describe("an experiment in phases", () => {
  const { phases, failure } = simulatePhases(experiment());
  const [fill, rest, read] = phases.map(({ counters }) => counters);

  it("tells for each phase how much the counters grew", () => {
    expect(failure).toBeUndefined();
    expect(phases.map(({ name }) => name)).toEqual(["fill", "rest", "read"]);
    expect(fill).toMatchObject({ pgfault: PAGES, pswpin: 0 });
    expect(read!["pgmajfault"]).toBeGreaterThan(PAGES - 1024);
  });

  it("leaves the programs their memory between phases", () => {
    expect(rest).toMatchObject({ pgfault: 0, pgfree: 0, pswpout: 0 });
    expect(read!["pgfault"]).toBeLessThanOrEqual(PAGES);
  });

  it("counts requests over all disks and faults over all programs", () => {
    expect(read!["blk.rd_ios"]).toBe(read!["pswpin"]);
    expect(fill!["blk.wr_ios"]! + fill!["blk.wr_merges"]!).toBe(fill!["pswpout"]);
    expect(fill).toMatchObject({ "wl.minflt": PAGES, "wl.majflt": 0 });
    expect(read!["wl.majflt"]! + read!["wl.minflt"]!).toBe(read!["pgfault"]);
  });

  it("runs programs one after the other, or all at once", () => {
    expect(fetches("in turn")).toMatch(/^a+b+$/);
    expect(fetches("at once")).toMatch(/^a+b+a/);
  });

  it("is the same again", () => {
    expect(simulatePhases(experiment())).toEqual(simulatePhases(experiment()));
  });

  it("has no phases where swapon fails", () => {
    const spec = scenario({
      swap: [{ target: { kind: "device", device: "vda" }, headerPages: 1, priority: undefined }],
    });
    const refused = simulatePhases(experiment({ scenario: spec }));
    expect(refused).toMatchObject({ phases: [], failure: "swapon failed: EINVAL, Empty swap-file" });
  });
});

describe("a machine told by measurements", () => {
  it("keeps the watermarks it is told", () => {
    const reclaimed = (free: number): number => {
      const base = scenario();
      const marks = { min: free, low: free, high: free };
      const zones = [{ name: "Normal", frames: 1024, free: 1024, marks, lowmemReserve: 0 }];
      const spec = { ...base, machine: { ...base.machine, zones } };
      return simulatePhases(experiment({ scenario: spec })).phases[0]!.counters["pgsteal_anon"]!;
    };
    expect(reclaimed(300) - reclaimed(100)).toBeGreaterThan(150);
  });

  it("works at the pace it is told", () => {
    const base = scenario();
    const costs = { ...desktopCosts, minorFault: 1e6 };
    const slow = { ...base, machine: { ...base.machine, costs } };
    const time = (spec: Scenario): number => simulatePhases(experiment({ scenario: spec })).simulatedNs;
    expect(time(slow) - time(base)).toBeGreaterThan(PAGES * 0.9e6);
  });

  it.each([true, false, undefined])("takes a disk for rotational if it is told so: %s", (rotational) => {
    const told = rotational === undefined ? {} : { rotational };
    const storage = [{ name: "vda", model: "ssd-sata", size: 16 * MIB, ...told }];
    const { model } = new Machine(scenario({ storage }), experiment().variant).device("vda");
    expect(model).toMatchObject({ rotational: rotational ?? false, readLatency: 92_000 });
  });
});
