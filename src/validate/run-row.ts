import { simulatePhases } from "../../sim/index.ts";
import { experimentOf } from "./experiment.ts";
import type { MeasuredMachine } from "./measured-machine.ts";
import type { Counters } from "./measurements.ts";
import { WorkloadProgram } from "./workload.ts";

/** What the simulation of a row gave. Plain data. */
export type RowRun =
  | { readonly kind: "skipped"; readonly reason: string }
  | {
      readonly kind: "simulated";
      /** Phases that came to their end. */
      readonly phases: readonly { readonly name: string; readonly counters: Counters }[];
      /** Why phases are missing or do not count; null if all is well. */
      readonly failure: string | null;
      /** Hash of the accesses in the run phase, by process. */
      readonly traceHashes: readonly string[];
    };

/** Simulates one row from what may be known of it. Throws only if the simulator has a defect. */
export function runRow(machine: MeasuredMachine): RowRun {
  const programs = machine.workload.map((workload) => new WorkloadProgram(workload));
  const experiment = experimentOf(machine, programs);
  if ("skipped" in experiment) return { kind: "skipped", reason: experiment.skipped };
  const { phases, failure } = simulatePhases(experiment);
  return {
    kind: "simulated",
    phases,
    failure: failure ?? null,
    traceHashes: programs.map(({ traceHash }) => traceHash),
  };
}
