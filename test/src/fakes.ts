import {
  type AccessSource,
  Registry,
  type RegistryEntry,
  type Scenario,
  type StrategyResult,
} from "../../sim/index.ts";
import { type Catalogue, parseScenario, type ReadTrace } from "../../src/scenario/index.ts";

/** A registry entry with nothing to it but what is given. */
function entry<Extra extends object>(name: string, extra: Extra): RegistryEntry & Extra {
  return { name, summary: `the ${name} of the tests`, source: "invented", parameters: {}, ...extra };
}

/** Accesses that touch page 0 once. */
export function oneAccess(pages: number): AccessSource {
  let isDone = false;
  return {
    pages,
    fill(batch) {
      if (isDone) return 0;
      isDone = true;
      batch[0] = 0;
      return 1;
    },
  };
}

const patternParameters = {
  pages: { type: "integer", min: 1, meaning: "pages" },
  accesses: { type: "integer", min: 1, optional: true, meaning: "accesses" },
  writes: { type: "number", default: 0, min: 0, max: 1, meaning: "share of writes" },
} as const;

/** A small world of names, independent of what the simulator has. */
export const fakeCatalogue: Catalogue = {
  strategies: new Registry("strategy", [
    entry("partition", {
      targets: "device" as const,
      parameters: { device: { type: "text", default: "", meaning: "device" } as const },
    }),
    entry("bmap", { targets: "file" as const }),
    entry("pinned", { targets: "file" as const }),
    entry("direct-io", {
      targets: "file" as const,
      parameters: {
        file: { type: "choice", choices: ["nocow", "cow"], default: "nocow", meaning: "file" },
        era: { type: "choice", choices: ["fixed", "2014"], default: "fixed", meaning: "era" },
      } as const,
    }),
  ]),
  searches: new Registry("search", [entry("bounded", {})]),
  deviceModels: new Registry("device", [entry("nvme-consumer", {}), entry("hdd-7200", {})]),
  stackedDevices: new Registry("stacked device", [
    entry("loop", { over: "file" as const }),
    entry("dm-crypt", { over: "device" as const }),
  ]),
  filesystemTypes: new Registry("filesystem type", [
    entry("btrfs", {
      parameters: {
        data: { type: "choice", choices: ["single", "dup"], default: "single", meaning: "profile" },
        commit: { type: "duration", default: 30_000_000_000, min: 1, meaning: "commit interval" },
      } as const,
    }),
    entry("ext4", {}),
  ]),
  operations: new Registry("operation", [
    entry("balance", {
      parameters: {
        usage: { type: "integer", optional: true, min: 0, max: 100, meaning: "usage" },
        vrange: { type: "text", optional: true, meaning: "a path or a range" },
      } as const,
    }),
    entry("defrag", {
      parameters: {
        path: { type: "path", meaning: "the file" },
        threshold: { type: "size", default: 262_144, min: 1, meaning: "threshold" },
      } as const,
    }),
    entry("snapshot", {
      parameters: {
        subvolume: { type: "path", default: "/", meaning: "subvolume" },
        target: { type: "path", optional: true, meaning: "where" },
      } as const,
    }),
  ]),
  kernelProfiles: new Registry("kernel profile", [entry("linux-6.1", {}), entry("linux-5.0", {})]),
  reclaimPolicies: new Registry("reclaim policy", [
    entry("classic", { needsFuture: false, numbersPages: false }),
    entry("oracle", { needsFuture: true, numbersPages: true }),
  ]),
  zpools: new Registry("zpool", [entry("zbud", {}), entry("zsmalloc", {})]),
  patterns: new Registry("pattern", [
    entry("uniform", {
      parameters: patternParameters,
      create: ({ pages }: { readonly pages: number }) => oneAccess(pages),
      fileReads: () => undefined,
    }),
    entry("hotcold", {
      parameters: {
        ...patternParameters,
        hot: { type: "number", default: 0.1, min: 0, max: 1, meaning: "hot share" } as const,
      },
      create: ({ pages }: { readonly pages: number }) => oneAccess(pages),
      fileReads: () => undefined,
    }),
    entry("file", {
      parameters: patternParameters,
      create: ({ pages }: { readonly pages: number }) => oneAccess(pages),
      fileReads: () => ({ every: 4, pages: 100, mapped: false, writes: 0 }),
    }),
  ]),
  faults: ["reuseBeforeCommit", "dropDirtyBit"],
  filesystemLimits: (type) => ({
    smallestDevice: type === "btrfs" ? 256 * 2 ** 20 : 0,
    devicesAtMost: type === "ext4" ? 1 : 8,
    devicesAtLeast: (options) => (options["data"] === "raid1" ? 2 : 1),
    room: (options, sizes) =>
      sizes.reduce((sum, size) => sum + size, 0) / (options["data"] === "dup" ? 2 : 1),
  }),
  cpuPerTraceLine: (file) => (file === "cc1.lackey.gz" ? 116 : undefined),
};

/** Two traces: one is right, one is cut off; there are no others. */
export const fakeTraces: ReadTrace = (name) => {
  if (name.endsWith("cc1.lackey.gz") || name === "own.lackey") return { open: () => oneAccess(7) };
  if (name === "cut.gz") return { found: "the end of the file at byte 99", expected: "more gzip data" };
  return { found: `${name}, which does not exist`, expected: "a trace" };
};

/** A scenario with everything in it and nothing wrong. */
export const GOOD_SCENARIO = `name: small
machine: { memory: 64MiB, cpus: 2 }
storage:
  vda: { model: nvme-consumer, size: 4GiB }
  vdb: { model: hdd-7200, size: 1GiB }
filesystem:
  type: btrfs
  devices: [vda]
  data: single
  files:
    /swapfile: { size: 512MiB, nocow: true }
    /db: { size: 1GiB, extents: 400 }
swap:
  - path: /swapfile
strategies: [bmap, pinned, { direct-io: { file: cow } }]
tasks:
  browser: { pattern: hotcold, pages: 1000, hot: 0.2, writes: 0.3, cpu: 4us, init: true, start: 1s }
  compiler: { trace: ../traces/cc1.lackey.gz, repeat: forever }
  ingest: { writes: /db, blocks: 2000, pattern: uniform, rate: 2000/s }
duration: 90s
timeline:
  - { at: 5s, do: balance, filters: { vrange: /swapfile, usage: 50 } }
  - { at: 40s, do: defrag, path: /db, expect: { pinned: ETXTBSY, direct-io(file=cow): [ok, ENOSPC] } }
  - { at: 50s, do: defrag, path: /db, expect: ok }
expect:
  bmap: corrupt
  direct-io(file=cow): correct
faults: [reuseBeforeCommit]
`;

/** What a run might return: nothing happened unless the test says so. */
export function fakeResult(name: string, changes: Partial<StrategyResult> = {}): StrategyResult {
  const quiet = { avg10: 0, avg60: 0, avg300: 0, total: 0 };
  return {
    name,
    strategy: name.replace(/\(.*/, ""),
    verdict: "correct",
    reason: "all pages came back right",
    outcome: "time-is-up",
    violations: [],
    totals: {
      byClass: { A: 0, B: 0, C: 0, D: 0, E: 0, F: 0, G: 0, H: 0, L: 0 },
      corruptPages: 0,
      corruptFiles: 0,
    },
    counters: { pgfault: 10, pgmajfault: 3456, pswpin: 4000, pswpout: 5000 },
    faultLatencyNs: { p50: 100_000, p99: 900_000, p999: 12_300_000, max: 20_000_000 },
    faultTime: {
      faults: 3456,
      slices: [
        { frames: ["page-in"], kind: "device", label: "folio_wait_bit (PG_locked)", time: 300e6 },
        { frames: ["page-in", "direct reclaim"], kind: "memory", label: "reclaim_throttle", time: 60e6 },
        { frames: ["page-in"], kind: "cpu", label: "handle_mm_fault", time: 40e6 },
      ],
    },
    operations: [],
    psi: { some: { ...quiet, total: 12_300_000_000 }, full: quiet },
    space: undefined,
    witnesses: {
      pagesSwappedOut: 5000,
      pagesSwappedIn: 4000,
      pagesReclaimed: 5000,
      slotsRelocated: 10,
      slotsReadBackAfterwards: 5,
      reasons: {},
    },
    recording: {
      at: [0, 30e9, 90e9],
      gauges: { freePages: [9000, 100, 120], residentPages: [0, 8900, 8880], swapUsedPages: [0, 500, 900] },
      totals: {
        pswpin: [0, 1000, 4000],
        pswpout: [0, 2000, 5000],
        pgmajfault: [0, 900, 3456],
        stalledSomeNs: [0, 3e9, 12.3e9],
        stalledFullNs: [0, 0, 0],
      },
      latency: {
        upToNs: [131_071, 1_048_575, 33_554_431],
        counts: [
          [0, 0, 0],
          [700, 200, 0],
          [2000, 500, 56],
        ],
      },
      disk: [
        { at: 0, device: "vda", blocksPerCell: 256, cells: "mssdfu" },
        { at: 90e9, device: "vda", blocksPerCell: 256, cells: "mpdssu" },
      ],
      layouts: [
        {
          at: 0,
          groups: [
            { start: 4096, length: 8192, used: 4096, profile: "data", devices: ["vda"], pinned: true },
          ],
          files: [{ path: "/swapfile", size: 1, extents: 1, shared: 0, groups: [4096] }],
        },
      ],
    },
    log: [],
    checks: [],
    breaches: [],
    simulatedNs: 90_000_000_000,
    events: 1000,
    fingerprint: "0123456789abcdef",
    ...changes,
  };
}

/** The good scenario, read. */
export function smallScenario(): Scenario {
  const input = { file: "s.yaml", text: GOOD_SCENARIO, catalogue: fakeCatalogue, readTrace: fakeTraces };
  return parseScenario(input).scenario!;
}
