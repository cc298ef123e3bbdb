import { patterns } from "../../workloads/index.ts";
import type { BenchCase } from "./bench-case.ts";
import { growthWhileRunning } from "./machines.ts";
import { BareClock } from "./references.ts";

const PAGES_PER_MIB = 256;
const MEMORY_MIB = 2048;

export const bytesPerPage: BenchCase = {
  name: "bytes-per-page",
  unit: "bytes",
  operation: "page of memory and a page of a task together, in a running machine",
  reference: "typed arrays of the bare CLOCK loop",
  goal: { atMost: 64 },
  note: "typed arrays of all layers and the oracle, 2 GiB of memory and a task of 2 GiB",
  repetitions: 1,
  prepare(meters, scale) {
    const memoryMib = Math.max(16, Math.round(MEMORY_MIB * scale));
    const pages = memoryMib * PAGES_PER_MIB;
    const open = () => patterns.require("seq").create({ pages });
    return {
      subject: () => ({
        cost: growthWhileRunning({ memoryMib, swapMib: 16, tasks: [open] }, () => meters.arrayBytes()),
        operations: pages,
      }),
      reference: () => ({ cost: pages * BareClock.bytesPerPage, operations: pages }),
    };
  },
};

export const startUp: BenchCase = {
  name: "start-up",
  unit: "ns",
  operation: "start of the command line: a scenario read, its machine built, its first events run",
  reference: "a fresh process that does nothing",
  goal: { atMost: 500_000_000 },
  note: "wall-clock time of a whole fresh process, worker thread and exit included",
  repetitions: 5,
  prepare: (meters) => ({
    subject: () => ({ cost: meters.startUp(), operations: 1 }),
    reference: () => ({ cost: meters.bareStartUp(), operations: 1 }),
  }),
};
