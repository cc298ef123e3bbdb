import fc from "fast-check";
import { expect, it } from "vitest";
import { MIB, MILLISECOND, SECOND } from "../../sim/engine/index.ts";
import { type StrategyResult, type StrategyVariant, simulate } from "../../sim/index.ts";
import type { DeviceSpec } from "../../sim/scenario.ts";
import { memoryTask, plain, smallScenario, step } from "./scenarios.ts";

/** All strategies that route or pin, era `fixed`, and the baseline. */
export const VARIANTS: readonly StrategyVariant[] = [
  { name: "partition", strategy: "partition", options: { device: "vdb" } },
  ...["pinned", "direct-io", "swap-rw"].map(plain),
  { name: "swap-rw(file=cow)", strategy: "swap-rw", options: { file: "cow" } },
];

/** One second of swapping on a disk that is not well; a balance in the middle. */
export function sick(
  variant: StrategyVariant,
  seed: string,
  faults: Partial<DeviceSpec>,
  end: "runs on" | "is unplugged" | "loses its power" = "runs on",
): StrategyResult {
  const base = smallScenario({ seed });
  return simulate(
    {
      ...base,
      machine: { ...base.machine, memory: 2 * MIB },
      storage: [
        { ...base.storage[0]!, ...faults },
        { name: "vdb", model: "nvme-consumer", size: 16 * MIB, ...faults },
      ],
      filesystem: { ...base.filesystem!, files: base.filesystem!.files.slice(0, 1) },
      tasks: [1, 2, 3].map((number) => memoryTask(300, { name: `worker${number}`, cpu: 20_000 })),
      duration: SECOND / 2,
      timeline: [
        step(0.1, "balance", { vrange: "/swapfile" }),
        ...(end === "is unplugged" ? [step(0.3, "device-fail", { device: "vda" })] : []),
        ...(end === "loses its power" ? [step(0.12, "power-loss"), step(0.3, "sync")] : []),
      ],
    },
    variant,
    { maps: false },
  );
}

const rates = fc.record({
  readErrors: fc.constantFrom(0, 0.001, 0.01),
  writeErrors: fc.constantFrom(0, 0.001, 0.02),
  spikes: fc.constantFrom(0, 0.01),
  spikeTime: fc.constantFrom(0, 5 * MILLISECOND),
  tornWrites: fc.constantFrom(0, 0.5, 1),
});

/** Every strategy on disks with random errors and delays, that are unplugged or lose their power, with torn writes. */
export function judgeSickDisks(runs: number): void {
  it("gives no strategy a wrong page: a page that cannot be read is a SIGBUS, one that cannot be written stays", () => {
    let unreadable = 0;
    const property = fc.property(
      fc.constantFrom(...VARIANTS),
      rates,
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom("runs on", "is unplugged", "loses its power"),
      (variant, faults, seed, end) => {
        const { totals, checks } = sick(variant, String(seed), faults, end);
        const { A, D, L, H } = totals.byClass;
        // A node of which no copy could be written aborts the filesystem, and is missing.
        const C = faults.writeErrors === 0 ? totals.byClass.C : 0;
        expect({ A, C, D, L, checks }).toEqual({ A: 0, C: 0, D: 0, L: 0, checks: [] });
        unreadable += H;
      },
    );
    fc.assert(property, { numRuns: runs, seed: 6 });
    expect(unreadable).toBeGreaterThan(runs / 10);
  }, 120_000);
}
