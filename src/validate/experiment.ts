import type { Phase, PhasedExperiment, Scenario, StrategyVariant } from "../../sim/index.ts";
import { missingFeatures } from "./features.ts";
import { ACCESS_TIME, GUEST_DISK, guestCosts } from "./guest.ts";
import type { MeasuredMachine, MeasuredSwap } from "./measured-machine.ts";
import { PHASES, type PhaseName } from "./measurements.ts";
import type { WorkloadProgram } from "./workload.ts";

const PAGE = 4096;
/** Disk of a filesystem with a swap file: large enough for all measured ones. */
const FILESYSTEM_DISK = 2 * 2 ** 30;
/** No duration ends an experiment; its phases do. */
const NO_END = Number.MAX_SAFE_INTEGER;

/** The simulated experiment of a machine, or why it cannot be simulated. */
export function experimentOf(
  machine: MeasuredMachine,
  programs: readonly WorkloadProgram[],
): PhasedExperiment | { readonly skipped: string } {
  const missing = missingFeatures(machine);
  if (missing.length > 0) return { skipped: `not modelled: ${missing.join(", ")}` };
  const { scenario, variant } = scenarioOf(machine);
  return {
    scenario,
    variant,
    programs: programs.map(({ pages }, number) => ({ name: `wl${number}`, pages, cpu: ACCESS_TIME })),
    phases: PHASES.map((name) => phaseOf(name, programs)),
  };
}

/** Two processes run against each other; they are filled and verified one after the other. */
function phaseOf(name: PhaseName, programs: readonly WorkloadProgram[]): Phase {
  return {
    name,
    order: name === "run" ? "at once" : "in turn",
    open: (number) => programs[number]?.open(name),
  };
}

function scenarioOf(machine: MeasuredMachine): { scenario: Scenario; variant: StrategyVariant } {
  const { cpus, swappiness, pageCluster, swap } = machine;
  const variant = variantOf(swap);
  const scenario: Scenario = {
    name: "measured",
    // The label of a row must not decide anything, so all rows have the same seed.
    seed: "measured",
    machine: {
      memory: framesOf(machine) * PAGE,
      cpus,
      kernel: "linux-6.1",
      swappiness,
      pageCluster,
      watermarkScaleFactor: 10,
      watermarks: marksOf(machine),
      costs: guestCosts,
    },
    ...storageOf(swap),
    strategies: [variant],
    tasks: [],
    duration: NO_END,
    timeline: [],
    expect: {},
    faults: [],
  };
  return { scenario, variant };
}

/** Frames for the arenas: what is free before the first access, without the page tables that will map them. */
export function framesOf({ free, workload }: MeasuredMachine): number {
  return free - workload.reduce((sum, { n }) => sum + pageTables(n), 0);
}

/** Page tables of an arena that begins at a border of 1 GiB: one page for 512 pages, one more for 512 of those. */
export function pageTables(pages: number): number {
  return Math.ceil(pages / 512) + Math.ceil(pages / (512 * 512));
}

/** The model has one zone: its marks are those of all zones together. */
function marksOf({ zones }: MeasuredMachine): { min: number; low: number; high: number } {
  const marks = { min: 0, low: 0, high: 0 };
  for (const { min, low, high } of zones) {
    marks.min += min;
    marks.low += low;
    marks.high += high;
  }
  return marks;
}

function variantOf({ backend }: MeasuredSwap): StrategyVariant {
  return backend === "partition"
    ? { name: "partition", strategy: "partition", options: { device: "" } }
    : { name: "pinned", strategy: "pinned", options: {} };
}

function storageOf(swap: MeasuredSwap): Pick<Scenario, "storage" | "filesystem" | "swap"> {
  const { backend, target, pages, extents, rotational } = swap;
  const common = { headerPages: undefined, priority: undefined };
  if (backend === "partition") {
    const device = target.replace(/^\/dev\//, "");
    return {
      storage: [{ name: device, model: GUEST_DISK, size: pages * PAGE, rotational }],
      filesystem: undefined,
      swap: [{ target: { kind: "device", device }, ...common }],
    };
  }
  const file = { path: target, size: pages * PAGE, nocow: true, preallocated: false, extents };
  return {
    storage: [{ name: "vdb", model: GUEST_DISK, size: FILESYSTEM_DISK, rotational }],
    filesystem: { type: backend, devices: ["vdb"], options: {}, files: [file] },
    swap: [{ target: { kind: "file", path: target }, ...common }],
  };
}
