import { type AccessSource, type Scenario, type StrategyVariant, simulate } from "../../sim/index.ts";

const MIB = 1024 * 1024;
const SECOND = 1_000_000_000;
/** CPU time of the simulated program for one access, ns. */
export const ACCESS_NS = 100;

/** A machine whose tasks only touch memory, with a swap file on btrfs and a partition beside it. */
export interface MachineShape {
  readonly memoryMib: number;
  readonly swapMib: number;
  readonly tasks: readonly (() => AccessSource)[];
  /** Name of a reclaim policy; left out: that of the kernel. */
  readonly reclaim?: string;
}

/** The scenario of a shape; swap goes to the file or, with the strategy partition, to the other disk. */
function scenarioOf({ memoryMib, swapMib, tasks, reclaim }: MachineShape, seconds: number): Scenario {
  const file = { path: "/swapfile", size: swapMib * MIB, nocow: true, preallocated: true, extents: 1 };
  return {
    name: "benchmark",
    seed: "benchmark",
    machine: {
      memory: memoryMib * MIB,
      cpus: 2,
      kernel: "linux-6.1",
      ...(reclaim !== undefined && { reclaim }),
      swappiness: 60,
      pageCluster: 3,
      watermarkScaleFactor: 10,
    },
    storage: [
      { name: "vda", model: "nvme-consumer", size: (swapMib + 1024) * MIB },
      { name: "vdb", model: "nvme-consumer", size: swapMib * MIB },
    ],
    filesystem: { type: "btrfs", devices: ["vda"], options: {}, files: [file] },
    swap: [{ target: { kind: "file", path: "/swapfile" }, headerPages: undefined, priority: undefined }],
    strategies: [],
    tasks: tasks.map((open, index) => ({
      kind: "memory",
      name: `task${index}`,
      start: 0,
      cpu: ACCESS_NS,
      init: true,
      open,
      repeat: Number.POSITIVE_INFINITY,
      fileReads: undefined,
    })),
    duration: Math.round(seconds * SECOND),
    timeline: [],
    expect: {},
    faults: [],
  };
}

/** The partition needs to be told its disk. */
function variantOf(strategy: string): StrategyVariant {
  return { name: strategy, strategy, options: strategy === "partition" ? { device: "vdb" } : {} };
}

/** Runs a machine for so many simulated seconds and returns a counter of /proc/vmstat. */
export function runMachine(shape: MachineShape, strategy: string, seconds: number, counter: string): number {
  const result = simulate(scenarioOf(shape, seconds), variantOf(strategy));
  return result.counters[counter] ?? 0;
}

/**
 * The most that `measureBytes` returns while a machine runs, minus what it returned before there was one. Throws when
 * there was no growth: every machine has arrays.
 */
export function growthWhileRunning(shape: MachineShape, measureBytes: () => number): number {
  const before = measureBytes();
  let during = before;
  simulate(scenarioOf(shape, 0.001), variantOf("partition"), {
    onProgress: () => {
      during = Math.max(during, measureBytes());
    },
  });
  if (during <= before)
    throw new Error(
      `no growth while a machine runs (${before} bytes before, at most ${during} while it ran): an earlier machine was still held; measure in a fresh process`,
    );
  return during - before;
}
