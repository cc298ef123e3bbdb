import type { AccessSource } from "../../sim/index.ts";
import { patterns } from "../../workloads/index.ts";
import { type BenchCase, type Meters, type Sample, scaled, timed } from "./bench-case.ts";
import { ACCESS_NS, type MachineShape, runMachine } from "./machines.ts";
import { BareClock } from "./references.ts";

const PAGES_PER_MIB = 256;
const BATCH = 4096;
const LARGE_MIB = 64 * 1024;
/** What the first write of a page costs in simulated time, ns, rounded up. */
const FIRST_WRITE_NS = 1200;

/** Pages of a task that just fits into so much memory. */
function pagesOf(memoryMib: number): number {
  return Math.floor((memoryMib - memoryMib / 32) * PAGES_PER_MIB);
}

function uniform(pages: number): AccessSource {
  return patterns.require("uniform").create({ pages, writes: 0.5, seed: 1 });
}

/** Accesses after every page was written once: a long run less a short one. */
function accesses(meters: Meters, memoryMib: number, count: number): Sample {
  const pages = pagesOf(memoryMib);
  const shape: MachineShape = { memoryMib, swapMib: 64, tasks: [() => uniform(pages)] };
  const warm = (pages * FIRST_WRITE_NS) / 1e9;
  const run = (seconds: number) => timed(meters, () => runMachine(shape, "partition", seconds, "pgfault"));
  const short = run(warm);
  const long = run(warm + (count * ACCESS_NS) / 1e9);
  return { cost: long.cost - short.cost, operations: count };
}

/** As many in the bare loop, after its pages came in once. */
function bareAccesses(meters: Meters, memoryMib: number, count: number): Sample {
  const pages = pagesOf(memoryMib);
  const clock = new BareClock(pages, pages);
  const batch = new Uint32Array(BATCH);
  for (let page = 0; page < pages; page++) clock.touch(batch.fill(page * 2, 0, 1), 1);
  const source = uniform(pages);
  return timed(meters, () => {
    for (let left = count; left > 0; left -= BATCH) clock.touch(batch, source.fill(batch));
    return count;
  });
}

export const largeMachineAccess: BenchCase = {
  name: "access-64gib",
  unit: "ns",
  operation: "access to a resident page, uniform over nearly all of 64 GiB (16 million frames)",
  reference: "bare CLOCK loop on typed arrays over as many pages",
  goal: { ratioAtMost: 1.5 },
  note: "no cache holds a byte per page of such a machine, so both wait for memory; the whole process has 0.6 GiB",
  repetitions: 1,
  prepare(meters, scale) {
    const count = scaled(100_000_000, scale);
    const memoryMib = Math.max(64, Math.round(LARGE_MIB * scale));
    return {
      subject: () => accesses(meters, memoryMib, count),
      reference: () => bareAccesses(meters, memoryMib, count),
    };
  },
};
