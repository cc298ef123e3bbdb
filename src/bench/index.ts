import type { BenchCase } from "./bench-case.ts";
import { btrfsCases } from "./btrfs.ts";
import { majorFaultDirectIo, majorFaultMglru, majorFaultPartition } from "./faults.ts";
import { bytesPerPage, startUp } from "./footprint.ts";
import { hold1000, hold100000, mm1Customer } from "./kernel.ts";
import { largeMachineAccess } from "./large-machine.ts";
import { residentFromPattern, residentFromTrace, residentMglru } from "./resident.ts";
import { zipfReplays } from "./zipf-replay.ts";

export type { Meters } from "./bench-case.ts";
export { benchMarkdown } from "./document.ts";
export { type BenchResult, measure } from "./measure.ts";
export { type BenchMachine, benchDocument, benchTable } from "./report.ts";

/** Everything that `npm run bench` measures, in the order in which it does. */
export const benchCases: readonly BenchCase[] = [
  // First, so that no arrays of an earlier case are given back while it counts.
  bytesPerPage,
  residentFromTrace,
  residentFromPattern,
  residentMglru,
  majorFaultPartition,
  majorFaultDirectIo,
  majorFaultMglru,
  hold1000,
  hold100000,
  mm1Customer,
  ...zipfReplays,
  ...btrfsCases,
  largeMachineAccess,
  startUp,
];
