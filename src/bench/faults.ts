import { patterns } from "../../workloads/index.ts";
import { type BenchCase, type Meters, type Sample, scaled, timed } from "./bench-case.ts";
import { type MachineShape, runMachine } from "./machines.ts";
import { bareResumes } from "./references.ts";

/** Simulated time until memory is full and faults have reached their rate, at the least; a full run warms up longer. */
const WARM_SECONDS = 0.3;
/** What a task of 20,000 pages finds in its half of 64 MiB. */
const shape: MachineShape = {
  memoryMib: 64,
  swapMib: 256,
  tasks: [1, 2].map((seed) => () => patterns.require("uniform").create({ pages: 20_000, writes: 1, seed })),
};

const BREAKDOWN: Readonly<Record<string, string>> = {
  "direct-io":
    "Both ways are synchronous, so a fault is 7.2 events where a partition needs 3.6: its own CPU time, that of " +
    "direct_IO for the read and for the write, a wait and a completion each. Two fifths of the time are spent in kswapd " +
    "and what it calls, a quarter in the fault, the rest in devices, queue and recorder; no single function has 5 %.",
};

/** Faults of a warmed-up machine: a long run less a short one. */
function faults(meters: Meters, scale: number, strategy: string, machine: MachineShape = shape): Sample {
  const warm = WARM_SECONDS + scale;
  const run = (length: number) => timed(meters, () => runMachine(machine, strategy, length, "pgmajfault"));
  const short = run(warm);
  const long = run(warm + 6 * scale);
  return { cost: long.cost - short.cost, operations: long.operations - short.operations };
}

/** Two tasks that do not fit and write wherever they touch, so that a fault brings a page in and another one out. */
function majorFault(strategy: string): BenchCase {
  return {
    name: `major-fault-${strategy}`,
    unit: "ns",
    operation: `major fault through ${strategy}: a page out, a page in, both checked by the oracle`,
    reference: "one resumption of a bare generator",
    goal: { atMost: 1_000_000_000 / 300_000 },
    ...(BREAKDOWN[strategy] && { breakdown: BREAKDOWN[strategy] }),
    note: "2 tasks, uniform, all stores, 1.2 x memory, nvme-consumer; the hits in between are included",
    prepare: (meters, scale) => ({
      subject: () => faults(meters, scale, strategy),
      reference: () => timed(meters, () => bareResumes(scaled(5_000_000, scale))),
    }),
  };
}

export const majorFaultPartition: BenchCase = majorFault("partition");
export const majorFaultDirectIo: BenchCase = majorFault("direct-io");

export const majorFaultMglru: BenchCase = {
  name: "major-fault-mglru",
  unit: "ns",
  operation: "major fault through a partition under MGLRU",
  reference: "the same under classic reclaim",
  goal: { ratioAtMost: 1.3 },
  note: "as major-fault-partition",
  prepare: (meters, scale) => ({
    subject: () => faults(meters, scale, "partition", { ...shape, reclaim: "mglru" }),
    reference: () => faults(meters, scale, "partition"),
  }),
};
