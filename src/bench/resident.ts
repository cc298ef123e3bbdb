import type { AccessSource } from "../../sim/index.ts";
import { patterns, TraceSource } from "../../workloads/index.ts";
import { type BenchCase, type Contest, type Meters, type Sample, scaled, timed } from "./bench-case.ts";
import { ACCESS_NS, type MachineShape, runMachine } from "./machines.ts";
import { BareClock } from "./references.ts";

/** 64 MiB of pages; with their page table entries they fit a second-level cache, as most working sets do. */
const PAGES = 16_384;
const TRACE_ACCESSES = 1 << 20;
const BATCH = 4096;
const ACCESSES = 40_000_000;
/** Simulated time until every page was written once, and much more. */
const WARM_SECONDS = 0.1;

const uniform = (accesses?: number): AccessSource =>
  patterns
    .require("uniform")
    .create({ pages: PAGES, writes: 0.3, seed: 1, ...(accesses === undefined ? {} : { accesses }) });

/** The accesses of a program as the trace reader leaves them in memory. */
function decodedTrace(): { readonly trace: ConstructorParameters<typeof TraceSource>[0] } {
  const accesses = new Uint32Array(TRACE_ACCESSES);
  uniform(TRACE_ACCESSES).fill(accesses);
  const chunks = Array.from({ length: TRACE_ACCESSES / 65_536 }, (_, chunk) =>
    accesses.slice(chunk * 65_536, (chunk + 1) * 65_536),
  );
  return { trace: { pages: PAGES, accesses: TRACE_ACCESSES, writes: 0, chunks, regions: [] } };
}

/** Accesses that hit, of one task that fits in memory: a long run less a short one. */
function hits(
  meters: Meters,
  accesses: number,
  open: () => AccessSource,
  policy: Pick<MachineShape, "reclaim"> = {},
): Sample {
  const shape: MachineShape = { memoryMib: 96, swapMib: 16, tasks: [open], ...policy };
  const run = (seconds: number): number => runMachine(shape, "partition", seconds, "pgfault");
  const short = timed(meters, () => run(WARM_SECONDS));
  const long = timed(meters, () => run(WARM_SECONDS + (accesses * ACCESS_NS) / 1_000_000_000));
  return { cost: long.cost - short.cost, operations: accesses };
}

/** One task that fits in memory against the bare loop over the same accesses. */
function contest(meters: Meters, scale: number, open: () => AccessSource): Contest {
  const accesses = scaled(ACCESSES, scale);
  const clock = new BareClock(PAGES, PAGES);
  const batch = new Uint32Array(BATCH);
  return {
    subject: () => hits(meters, accesses, open),
    reference: () =>
      timed(meters, () => {
        let source = open();
        for (let left = accesses; left > 0; ) {
          const filled = source.fill(batch);
          if (filled === 0) source = open();
          const count = Math.min(filled, left);
          clock.touch(batch, count);
          left -= count;
        }
        return accesses;
      }),
  };
}

export const residentFromTrace: BenchCase = {
  name: "resident-trace",
  unit: "ns",
  operation: "access to a resident page, from a decoded trace",
  reference: "bare CLOCK loop on typed arrays over the same trace",
  goal: { ratioAtMost: 1.5 },
  note: "uniform over 16,384 pages, 30 % stores, repeated trace of 2^20 accesses; whole machine, oracle included",
  prepare(meters, scale) {
    const { trace } = decodedTrace();
    return contest(meters, scale, () => new TraceSource(trace));
  },
};

export const residentFromPattern: BenchCase = {
  name: "resident-uniform",
  unit: "ns",
  operation: "access to a resident page, from the generated pattern uniform",
  reference: "the same generator with the bare CLOCK loop",
  goal: { atMost: 1000 / 15 },
  note: "as resident-trace; two draws of splitmix64 an access; the goal is 15 million accesses a second",
  prepare: (meters, scale) => contest(meters, scale, () => uniform()),
};

export const residentMglru: BenchCase = {
  name: "resident-mglru",
  unit: "ns",
  operation: "access to a resident page under MGLRU, from a decoded trace",
  reference: "the same under classic reclaim",
  goal: { ratioAtMost: 1.3 },
  note: "as resident-trace",
  prepare(meters, scale) {
    const { trace } = decodedTrace();
    const accesses = scaled(ACCESSES, scale);
    const open = () => new TraceSource(trace);
    return {
      subject: () => hits(meters, accesses, open, { reclaim: "mglru" }),
      reference: () => hits(meters, accesses, open),
    };
  },
};
