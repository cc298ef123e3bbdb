import {
  type GroupSpec,
  NO_LIMITS,
  PAGE_SIZE,
  type Phase,
  type PhasedExperiment,
  type PhasedProgram,
  type Scenario,
  type StrategyVariant,
  type ZoneSpec,
  type ZswapOptions,
} from "../../sim/index.ts";
import {
  ACCESS_TIME,
  FREED_AFTER_BOOT,
  fragmentationOf,
  GUEST_DISK,
  guestCosts,
  PAGEBLOCK,
  PHASE_TIMES,
  READAHEAD_LEFT,
} from "./calibration.ts";
import { missingFeatures } from "./features.ts";
import type { MeasuredGroup, MeasuredMachine, MeasuredSwap, MeasuredZswap } from "./measured-machine.ts";
import { PHASES, type PhaseName } from "./measurements.ts";
import type { Zone } from "./row.ts";
import type { WorkloadProgram } from "./workload.ts";

/** Disk of a filesystem with a swap file: large enough for all measured ones. */
const FILESYSTEM_DISK = 2 * 2 ** 30;
/** The data file of the workload program: 128 MiB on a disk of its own. */
const DATA_FILE = 128 * 2 ** 20;
const DATA_DISK = "vdd";
const GROUP = "wl";
/** A CPU keeps less than a batch of charges back. */
const STOCK_MAX = 63;
/** Bit of lru_gen/enabled: page tables are walked. */
const LRU_GEN_MM_WALK = 2;
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
    programs: programs.map((program, number) => programOf(machine, program, number)),
    times: PHASE_TIMES,
    phases: PHASES.map((name) => phaseOf(name, programs)),
  };
}

/** Two processes run against each other; they are filled and verified one after the other. */
function phaseOf(name: PhaseName, programs: readonly WorkloadProgram[]): Phase {
  return {
    name,
    order: name === "run" ? "at once" : "in turn",
    open: (number) => programs[number]?.open(name),
    readsFiles: name === "run",
  };
}

function programOf({ group }: MeasuredMachine, program: WorkloadProgram, number: number): PhasedProgram {
  const { pages, file, compressed } = program;
  return {
    name: `wl${number}`,
    pages,
    cpu: ACCESS_TIME,
    ...(group ? { group: GROUP } : {}),
    compressed,
    ...(file ? { file: { ...file, device: DATA_DISK } } : {}),
  };
}

function scenarioOf(machine: MeasuredMachine): { scenario: Scenario; variant: StrategyVariant } {
  const { cpus, swappiness, pageCluster, swap, group } = machine;
  const variant = variantOf(swap);
  const zones = zonesOf(machine);
  const scenario: Scenario = {
    name: "measured",
    // The label of a row must not decide anything, so all rows have the same seed.
    seed: "measured",
    machine: {
      memory: zones.reduce((sum, { frames }) => sum + frames, 0) * PAGE_SIZE,
      cpus,
      kernel: "linux-6.1",
      reclaim: policyOf(machine),
      walksPageTables: (machine.lruGenBits & LRU_GEN_MM_WALK) !== 0,
      swappiness,
      pageCluster,
      vmaReadahead: machine.vmaReadahead,
      readaheadState: READAHEAD_LEFT,
      watermarkScaleFactor: 10,
      zones,
      ...(machine.zswap ? { zswap: zswapOf(machine, machine.zswap) } : {}),
      costs: guestCosts,
    },
    groups: group ? [groupSpec(group)] : [],
    ...storageOf(machine),
    strategies: [variant],
    tasks: [],
    duration: NO_END,
    timeline: [],
    expect: {},
    faults: machine.without,
  };
  return { scenario, variant };
}

function policyOf({ lru }: MeasuredMachine): string {
  return lru === "mglru" ? "mglru" : "classic";
}

/** The limit is a share of all memory. */
function zswapOf({ managed }: MeasuredMachine, { zpool, maxPoolPercent }: MeasuredZswap): ZswapOptions {
  return { zpool, maxPages: Math.floor((managed * maxPoolPercent) / 100) };
}

/** The group as it was found: what is charged and has no owner is stock. */
function groupSpec({ max, high, charged, accounted }: MeasuredGroup): GroupSpec {
  const stock = Math.min(Math.max(charged - accounted, 0), STOCK_MAX);
  return { ...NO_LIMITS, name: GROUP, max, high, charged, stock };
}

/** The zones of the machine. Those of a group's machine have room enough, so nothing is known of their free lists. */
function zonesOf({ zones, group }: MeasuredMachine): readonly ZoneSpec[] {
  return zones.map(({ zone, free, managed, min, low, high }, index) => ({
    name: zone,
    frames: Math.ceil(managed / PAGEBLOCK) * PAGEBLOCK,
    free,
    marks: { min, low, high },
    lowmemReserve: lowmemReserve(zones, index),
    ...(group ? {} : { fragmentation: fragmentationOf(zone, free, managed) }),
  }));
}

/** Kept from requests that higher zones can serve: 1/256 of those (lowmem_reserve_ratio), as they were at boot. */
function lowmemReserve(zones: readonly Zone[], index: number): number {
  const above = zones.slice(index + 1).reduce((sum, { managed }) => sum + managed, 0);
  return Math.max(0, Math.floor((above - FREED_AFTER_BOOT) / 256));
}

function variantOf({ backend }: MeasuredSwap): StrategyVariant {
  if (backend === "nfs") return { name: "swap-rw", strategy: "swap-rw", options: {} };
  return backend === "partition" || backend === "zram"
    ? { name: "partition", strategy: "partition", options: { device: "" } }
    : { name: "pinned", strategy: "pinned", options: {} };
}

/**
 * Server and client are the same machine: nothing is on a wire, and bytes are copied at memory speed. The file system below
 * is exported async, and memory beside the measured group is plenty.
 */
const NFS_MOUNT = { roundTrip: 0, bandwidth: 2 ** 30, asyncExport: true, serverCache: 256 * 2 ** 20 };

/** The swap disk, and one for the data file. */
function storageOf(machine: MeasuredMachine): Pick<Scenario, "storage" | "filesystem" | "swap"> {
  const { storage, ...rest } = swapStorage(machine);
  const data = { name: DATA_DISK, model: GUEST_DISK, size: DATA_FILE };
  return { storage: machine.workload.some(({ file }) => file) ? [...storage, data] : storage, ...rest };
}

function swapStorage({
  swap,
  requestsPerSecond,
}: MeasuredMachine): Pick<Scenario, "storage" | "filesystem" | "swap"> {
  const { backend, target, pages, extents, rotational } = swap;
  const rate = requestsPerSecond === undefined ? {} : { requestsPerSecond };
  const common = { headerPages: undefined, priority: undefined };
  if (backend === "partition" || backend === "zram") {
    const device = target.replace(/^\/dev\//, "");
    const model = backend === "zram" ? "zram" : GUEST_DISK;
    return {
      storage: [{ name: device, model, size: pages * PAGE_SIZE, rotational, ...rate }],
      filesystem: undefined,
      swap: [{ target: { kind: "device", device }, ...common }],
    };
  }
  const file = { path: target, size: pages * PAGE_SIZE, nocow: true, preallocated: false, extents };
  return {
    storage: [{ name: "vdb", model: GUEST_DISK, size: FILESYSTEM_DISK, rotational, ...rate }],
    filesystem: {
      type: backend,
      devices: ["vdb"],
      options: backend === "nfs" ? NFS_MOUNT : {},
      files: [file],
    },
    swap: [{ target: { kind: "file", path: target }, ...common }],
  };
}
