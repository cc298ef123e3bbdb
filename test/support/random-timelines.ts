import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { GIB, MIB, MILLISECOND, SECOND } from "../../sim/engine/index.ts";
import { operations, type StrategyResult, simulate } from "../../sim/index.ts";
import type { Scenario, TimelineStep } from "../../sim/scenario.ts";
import { memoryTask, plain, smallScenario, writerTask } from "./scenarios.ts";
import { RECIPES } from "./timeline-recipes.ts";

interface Draw {
  readonly recipe: number;
  readonly a: number;
  readonly b: number;
  /** Tenths of a second. */
  readonly at: number;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  recipe: fc.integer({ min: 0, max: RECIPES.length - 1 }),
  a: fc.integer({ min: 0, max: 9999 }),
  b: fc.integer({ min: 0, max: 9999 }),
  at: fc.integer({ min: 10, max: 200 }),
});

/** Timelines as data, and the profiles and shape of the filesystem under them. */
export const randomTimeline: fc.Arbitrary<RandomTimeline> = fc.record({
  draws: fc.array(draw, { minLength: 5, maxLength: 14 }),
  metadata: fc.constantFrom("single", "dup", "raid1"),
  pieces: fc.constantFrom(1, 7, 60),
  preallocated: fc.boolean(),
  compress: fc.constantFrom("none", "none", "zstd"),
  mixed: fc.constantFrom(false, false, false, true),
  forked: fc.constantFrom(false, false, true),
});

export interface RandomTimeline {
  readonly draws: readonly Draw[];
  readonly metadata: string;
  readonly pieces: number;
  readonly preallocated: boolean;
  /** Left out: none, and no mixed block groups. */
  readonly compress?: string;
  readonly mixed?: boolean;
  /** The program has a child that it forked; left out: none. */
  readonly forked?: boolean;
}

/** The group of the task, so that a step can limit it. */
const APP = {
  name: "app",
  max: Number.POSITIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  low: 0,
  min: 0,
  swapMax: Number.POSITIVE_INFINITY,
  swapHigh: Number.POSITIVE_INFINITY,
};

/** A small machine that swaps to a file on two devices while the steps happen. */
export function timelineScenario(random: RandomTimeline): Scenario {
  const { draws, metadata, pieces, preallocated, compress = "none", mixed = false, forked = false } = random;
  const timeline = draws.flatMap(({ recipe, a, b, at }, index): TimelineStep[] => {
    const { steps } = RECIPES[recipe]!;
    let time = (at * SECOND) / 10;
    return steps(a, b).map(([name, args, after = 0], part) => {
      time += after;
      return { id: `${index}.${part} ${name}`, at: time, do: name, args, expect: {} };
    });
  });
  // Both together fit into memory and swap.
  const app = memoryTask(forked ? 1200 : 1800, { name: "app", cpu: 3 * MILLISECOND, group: "app" });
  return smallScenario({
    storage: ["vda", "vdb", "vdc"].map((name) => ({ name, model: "nvme-consumer", size: GIB })),
    filesystem: {
      type: "btrfs",
      devices: ["vda", "vdb"],
      options: { metadata, commit: 5 * SECOND, compress, mixed },
      // The first file fills the small chunk of mkfs, so that the swap file lies on one device.
      files: [
        { path: "/log", size: 8 * MIB, nocow: true, preallocated: false, extents: 1 },
        { path: "/swapfile", size: 12 * MIB, nocow: true, preallocated, extents: pieces },
        { path: "/db", size: 40 * MIB, nocow: false, preallocated: false, extents: 40 },
      ],
    },
    groups: [APP],
    tasks: [
      app,
      ...(forked ? [{ ...app, name: "child", init: false, forkOf: "app", start: 3 * SECOND }] : []),
      writerTask("/db", { rate: 50 }),
    ],
    duration: 24 * SECOND,
    timeline,
    // 6.1 counts a swap file as rotational for ever (KB-37); that is known, and no promise of a timeline.
    faults: ["countAfterActivation"],
  });
}

/** What so many random timelines came to. */
export interface TimelineTally {
  /** How often each operation succeeded. */
  readonly succeeded: ReadonlyMap<string, number>;
  /** Shares of the timelines, 0 .. 1, in which a swapped page was read back after its block was moved or met. */
  readonly readBack: number;
}

/** Counter-examples of the past: each was a bug once. */
export function pastTimelines(): readonly RandomTimeline[] {
  const folder = `${import.meta.dirname}/../fixtures/timelines`;
  return readdirSync(folder)
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as RandomTimeline);
}

/** Runs random timelines under a strategy; `judge` looks at each result and throws if it is not what it must be. */
export function runTimelines(
  strategy: string,
  runs: number,
  judge: (result: StrategyResult) => void,
  seed: number,
): TimelineTally {
  const succeeded = new Map<string, number>();
  let readBack = 0;
  let timelines = 0;
  fc.assert(
    fc.property(randomTimeline, (random) => {
      const scenario = timelineScenario(random);
      const result = simulate(scenario, plain(strategy), { maps: false });
      timelines++;
      if (result.witnesses.slotsReadBackAfterwards > 0) readBack++;
      for (const { do: name, result: answer } of result.operations) {
        if (answer === "ok") succeeded.set(name, (succeeded.get(name) ?? 0) + 1);
      }
      judge(result);
    }),
    { numRuns: runs, seed, examples: pastTimelines().map((random) => [random]) },
  );
  return { succeeded, readBack: readBack / timelines };
}

/**
 * Not part of random timelines: losing a device kills what has no copy, only swapon promises to notice a signal at once,
 * and this filesystem has neither a server nor garbage. Each has tests of its own.
 */
const ELSEWHERE: readonly string[] = ["server-restart", "gc", "pin-file", "device-fail", "interrupt"];

/** Operations that succeeded less than `least` times in all: a test that refuses everything must not pass. */
export function seldomSucceeded(tallies: readonly TimelineTally[], least: number): readonly string[] {
  const count = (name: string): number =>
    tallies.reduce((sum, { succeeded }) => sum + (succeeded.get(name) ?? 0), 0);
  return operations.names().filter((name) => !ELSEWHERE.includes(name) && count(name) < least);
}
