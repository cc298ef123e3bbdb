import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { GIB, MIB, MILLISECOND, PAGE_SIZE, SECOND } from "../../sim/engine/index.ts";
import { operations, type StrategyResult, simulate } from "../../sim/index.ts";
import type { Scenario, TimelineStep } from "../../sim/scenario.ts";
import { memoryTask, plain, smallScenario, writerTask } from "./scenarios.ts";

/** Files that steps work on; the swap file is among them. */
const FILES = ["/db", "/log", "/swapfile"] as const;
const DEVICES = ["vda", "vdb", "vdc"] as const;
type Args = TimelineStep["args"];

/** Steps that belong together. */
interface Recipe {
  /** Each step: what it does, and how long after the step before it. Made of two random numbers. */
  readonly steps: (a: number, b: number) => readonly (readonly [name: string, args: Args, after?: number])[];
}

const SOON = 5 * MILLISECOND;
const fileOf = (number: number): string => FILES[number % FILES.length]!;
const bytes = (number: number): number => (1 + (number % 64)) * PAGE_SIZE;
const snap = (number: number): string => `/snap${number % 4}`;
const clone = (number: number): string => `/clone${number % 4}`;

const RECIPES: readonly Recipe[] = [
  { steps: (a, b) => [["balance", balanceArgs(a, b)]] },
  { steps: () => [["balance", { vrange: "/swapfile" }]] },
  {
    steps: () => [
      ["balance", { type: "all" }],
      ["balance-pause", {}, SOON],
      ["balance-resume", {}, SECOND],
    ],
  },
  {
    steps: () => [
      ["balance", { type: "data" }],
      ["balance-cancel", {}, SOON],
    ],
  },
  { steps: (a) => [["defrag", { path: fileOf(a) }]] },
  { steps: () => [["scrub", {}]] },
  { steps: (a, b) => [["resize", { device: a % 2 ? "vda" : "vdb", size: (500 + (b % 5) * 130) * MIB }]] },
  {
    steps: (a) => [
      ["device-add", { device: "vdc" }],
      ["device-remove", { device: DEVICES[a % 3]! }, SECOND],
    ],
  },
  { steps: (a) => [["device-replace", { device: a % 2 ? "vda" : "vdb", target: "vdc" }]] },
  { steps: (a, b) => [["snapshot", { subvolume: "/", target: snap(b), readonly: a % 2 === 0 }]] },
  {
    steps: (_a, b) => [
      ["snapshot", { subvolume: "/", target: snap(b), readonly: false }],
      ["subvolume-set-readonly", { subvolume: snap(b), readonly: b % 2 === 0 }, SECOND],
      ["subvolume-delete", { subvolume: snap(b) }, SECOND],
    ],
  },
  {
    steps: (a) => [
      ["subvolume-create", { subvolume: `/sub${a % 3}` }],
      ["snapshot", { subvolume: `/sub${a % 3}`, target: `/subsnap${a % 3}` }, SECOND],
      ["subvolume-set-readonly", { subvolume: `/sub${a % 3}` }, SECOND],
      ["subvolume-delete", { subvolume: `/sub${a % 3}` }, SECOND],
    ],
  },
  { steps: (a, b) => [["reflink", { path: fileOf(a), target: clone(b) }]] },
  {
    steps: (a, b) => [
      ["reflink", { path: "/db", target: clone(b) }],
      ["defrag", { path: clone(b) }, SECOND],
      ["dedupe", { path: "/db", target: clone(b) }, SECOND],
      ["unlink", { path: a % 2 ? clone(b) : clone(a) }, SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["copy-range", { path: fileOf(a), target: "/log", offset: bytes(a), length: bytes(b) }],
    ],
  },
  { steps: (a, b) => [["copy-range", { path: "/log", target: "/db", offset: bytes(a), length: bytes(b) }]] },
  { steps: (a, b) => [["write", { path: "/log", offset: bytes(b), length: bytes(a) }]] },
  { steps: (_a, b) => [["truncate", { path: "/log", size: (b % 3000) * PAGE_SIZE }]] },
  {
    steps: (a, b) => [
      ["fallocate", { path: a % 2 ? "/log" : "/db", mode: modeOf(b), offset: bytes(a), length: bytes(b) }],
    ],
  },
  { steps: (a, b) => [["link", { path: fileOf(a), target: `/link${b % 4}` }]] },
  {
    steps: (a, b) => [
      ["link", { path: "/db", target: `/link${b % 4}` }],
      ["rename", { path: `/link${b % 4}`, target: `/link${a % 4}` }, SECOND],
      ["unlink", { path: `/link${a % 4}` }, SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["chattr", { path: a % 2 ? "/log" : "/db", flag: ["+C", "-C", "+S", "+c", "-c"][b % 5]! }],
    ],
  },
  { steps: (_a, b) => [["compression", { path: "/db", method: b % 2 ? "zstd" : "none" }]] },
  { steps: () => [["sync", {}]] },
  { steps: () => [["fstrim", {}]] },
  {
    steps: () => [
      ["freeze", {}],
      ["thaw", {}, SECOND / 2],
    ],
  },
  { steps: (a) => [["write", { path: "/swapfile", offset: bytes(a) }]] },
  {
    steps: (a, b) => [["truncate", { path: "/swapfile", size: (a % 2 ? 100 : 4000 + b) * PAGE_SIZE }]],
  },
  {
    steps: (a, b) => [["fallocate", { path: "/swapfile", mode: modeOf(b), length: bytes(a) }]],
  },
  {
    steps: (a) => [
      ["unlink", { path: "/swapfile" }],
      ["rename", { path: "/swapfile", target: clone(a) }],
    ],
  },
  {
    steps: () => [
      ["remount", { readonly: true }],
      ["remount", { readonly: false }, SECOND],
    ],
  },
  { steps: () => [["umount", { lazy: true }]] },
  {
    steps: (a, b) => [
      ["dedupe", { path: a % 2 ? "/log" : "/swapfile", target: b % 2 ? "/swapfile" : "/log" }],
    ],
  },
  // Late, because tasks and swap end with it.
  { steps: (a) => [["power-loss", {}, (8 + (a % 9)) * SECOND]] },
  {
    steps: (a) => [
      ["abort-transaction", { error: a % 2 ? "EIO" : "ENOSPC" }, 9 * SECOND],
      ["power-loss", {}, SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["defrag", { path: a % 2 ? "/log" : "/db", compress: ["zlib", "lzo", "zstd"][b % 3]! }],
      ["balance", { type: "data" }, SECOND],
    ],
  },
];

function balanceArgs(a: number, b: number): Args {
  const type = ["data", "metadata", "all", "system"][a % 4]!;
  const filters: readonly Args[] = [
    {},
    { usage: 10 + (b % 90) },
    { limit: 1 + (b % 3) },
    { devid: 1 + (b % 2) },
    { convert: "single", force: true },
    { convert: "dup", soft: true },
    { convert: "raid1" },
  ];
  return { type, ...filters[b % filters.length]! };
}

function modeOf(number: number): string {
  return ["allocate", "keep-size", "punch-hole", "zero-range", "collapse"][number % 5]!;
}

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
});

export interface RandomTimeline {
  readonly draws: readonly Draw[];
  readonly metadata: string;
  readonly pieces: number;
  readonly preallocated: boolean;
  /** Left out: none, and no mixed block groups. */
  readonly compress?: string;
  readonly mixed?: boolean;
}

/** A small machine that swaps to a file on two devices while the steps happen. */
export function timelineScenario(random: RandomTimeline): Scenario {
  const { draws, metadata, pieces, preallocated, compress = "none", mixed = false } = random;
  const timeline = draws.flatMap(({ recipe, a, b, at }, index): TimelineStep[] => {
    const { steps } = RECIPES[recipe]!;
    let time = (at * SECOND) / 10;
    return steps(a, b).map(([name, args, after = 0], part) => {
      time += after;
      return { id: `${index}.${part} ${name}`, at: time, do: name, args, expect: {} };
    });
  });
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
    tasks: [memoryTask(1800, { cpu: 3 * MILLISECOND }), writerTask("/db", { rate: 50 })],
    duration: 24 * SECOND,
    timeline,
  });
}

/** The same timelines in every run: whoever looks for new ones changes it. */
const SEED = -485_585_554;

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
    { numRuns: runs, seed: SEED, examples: pastTimelines().map((random) => [random]) },
  );
  return { succeeded, readBack: readBack / timelines };
}

/**
 * Not part of random timelines. Losing a device kills what has no copy, and this filesystem has no server: both have tests
 * of their own. The others are what conformance cases are made of, and are run there.
 */
const ELSEWHERE: readonly string[] = [
  "server-restart",
  "device-fail",
  "resize-cancel",
  "subvolume-sync",
  "clone-range",
  "create",
  "interleave",
  "open",
  "read",
  "access",
  "set-property",
  "filefrag",
  "search-tree",
  "mkswap",
  "swapon",
  "swapoff",
  "memory-limit",
];

/** Operations that succeeded less than `least` times in all: a test that refuses everything must not pass. */
export function seldomSucceeded(tallies: readonly TimelineTally[], least: number): readonly string[] {
  const count = (name: string): number =>
    tallies.reduce((sum, { succeeded }) => sum + (succeeded.get(name) ?? 0), 0);
  return operations.names().filter((name) => !ELSEWHERE.includes(name) && count(name) < least);
}
