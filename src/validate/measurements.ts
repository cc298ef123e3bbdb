import type { Outcomes } from "./row.ts";

/** The parts of an experiment, in order; the counters are read after each. */
export const PHASES = ["init", "run", "verify"] as const;
export type PhaseName = (typeof PHASES)[number];

/** Counters by name: those of /proc/vmstat, `blk.*` summed over all disks, `wl.*` summed over the processes. */
export type Counters = Readonly<Record<string, number>>;

/** One measurement: the counters of the phases that were measured. */
export type Measurement = ReadonlyMap<PhaseName, Counters>;

const BLOCK_COUNTERS = ["rd_ios", "rd_merges", "wr_ios", "wr_merges"] as const;
const FAULT_COUNTERS = ["majflt", "minflt"] as const;

/** Brings what a line says about its outcome into one form. */
export function measurementOf(outcomes: Outcomes): Measurement {
  const phases = PHASES.flatMap((name): [PhaseName, Counters][] => {
    const counters = countersOf(outcomes, name);
    return counters === undefined ? [] : [[name, counters]];
  });
  return new Map(phases);
}

function countersOf(outcomes: Outcomes, phase: PhaseName): Counters | undefined {
  const part = outcomes[phase];
  if (!part) return undefined;
  const counters: Record<string, number> = { ...part.vmstat };
  const add = (name: string, amount: number): void => {
    counters[name] = (counters[name] ?? 0) + amount;
  };
  for (const disk of Object.values(part.blk ?? {})) {
    for (const name of BLOCK_COUNTERS) add(`blk.${name}`, disk[name] ?? 0);
  }
  for (const process of (phase === "verify" ? outcomes.wl_verify : outcomes.wl_result) ?? []) {
    for (const name of FAULT_COUNTERS) {
      const faults = process?.[`${phase}_${name}`];
      add(`wl.${name}`, typeof faults === "number" ? faults : 0);
    }
  }
  return counters;
}

/** Hash of the accesses of each process as the measured program told it; undefined where it told none. */
export function traceHashesOf({ wl_result }: Outcomes): readonly (string | undefined)[] {
  return (wl_result ?? []).map((process) => {
    const hash = process?.["trace_hash"];
    return typeof hash === "string" ? hash : undefined;
  });
}
