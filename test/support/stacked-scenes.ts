import { GIB, MIB, SECOND } from "../../sim/engine/index.ts";
import type { FileSpec } from "../../sim/fs/index.ts";
import { type Scenario, type StrategyResult, simulate } from "../../sim/index.ts";
import type { MemoryTaskSpec } from "../../sim/scenario.ts";
import { memoryTask, plain, smallScenario, step, writerTask } from "./scenarios.ts";

/** Tasks that write to more memory than there is, as fast as they can. */
export const storm = (tasks: number): MemoryTaskSpec[] =>
  Array.from({ length: tasks }, (_, index) => memoryTask(12_000, { name: `hog${index}`, cpu: 500 }));

const nocow = (path: string, size: number): FileSpec => ({
  path,
  size,
  nocow: true,
  preallocated: false,
  extents: 1,
});

/** Swap on a loop device over a file of btrfs, as people did it before 5.0. */
export function onLoop(more: Partial<Scenario> = {}, model = "nvme-consumer"): StrategyResult {
  const base = smallScenario();
  const scenario: Scenario = {
    ...base,
    machine: { ...base.machine, memory: 32 * MIB },
    storage: [
      { name: "vda", model, size: GIB },
      { name: "loop0", model: "loop", over: "/image", size: 512 * MIB },
    ],
    filesystem: { ...base.filesystem!, files: [nocow("/image", 512 * MIB), nocow("/swapfile", MIB)] },
    tasks: storm(6),
    timeline: [],
    duration: SECOND / 2,
    ...more,
  };
  return simulate(
    scenario,
    { name: "loop", strategy: "partition", options: { device: "loop0" } },
    { maps: false },
  );
}

/** A btrfs on dm-crypt, a swap file on it, and writers of 1 MiB at a time. */
export function onCrypt(strategy: string, more: Partial<Scenario> = {}): StrategyResult {
  const base = smallScenario();
  const scenario: Scenario = {
    ...base,
    machine: { ...base.machine, memory: 32 * MIB },
    storage: [
      { name: "vda", model: "nvme-consumer", size: 2 * GIB },
      { name: "secret", model: "dm-crypt", over: "vda", size: 2 * GIB },
    ],
    filesystem: {
      ...base.filesystem!,
      devices: ["secret"],
      files: [nocow("/swapfile", 512 * MIB), nocow("/db", 512 * MIB)],
    },
    tasks: [
      ...storm(2),
      ...["one", "two"].map((name) =>
        writerTask("/db", { name, blocksPerWrite: 256, rate: 200, readEvery: 0 }),
      ),
    ],
    timeline: [step(0.5, "balance", { vrange: "/swapfile" })],
    duration: 2 * SECOND,
    ...more,
  };
  return simulate(scenario, plain(strategy), { maps: false });
}
