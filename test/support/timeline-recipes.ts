import { MIB, MILLISECOND, PAGE_SIZE, SECOND } from "../../sim/engine/index.ts";
import type { TimelineStep } from "../../sim/scenario.ts";

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

/** What random timelines are made of. Kept counter-examples name them by number: new ones go to the end. */
export const RECIPES: readonly Recipe[] = [
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
  // A second swap file comes, is relocated or shared, and goes.
  {
    steps: (a, b) => [
      ...swapFile(`/swap${a % 2}`, a),
      a % 3
        ? ["balance", { vrange: `/swap${a % 2}` }, SECOND]
        : ["snapshot", { subvolume: "/", target: snap(b) }],
      ["swapoff", { path: `/swap${a % 2}` }, 2 * SECOND],
      ["unlink", { path: `/swap${a % 2}` }, SECOND],
    ],
  },
  // The first swap file goes while there is another one, is moved, and comes again.
  {
    steps: (a, b) => [
      ...swapFile("/swap2", a),
      ["swapoff", { path: "/swapfile" }, SECOND],
      b % 2 ? ["balance", { vrange: "/swapfile" }] : ["defrag", { path: "/swapfile" }],
      ["swapon", { path: "/swapfile", priority: b % 9 }, SECOND],
      ["swapoff", { path: "/swap2" }, 2 * SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["create", { path: made(a), size: [0, 5, 3000, MIB][b % 4]!, nocow: a % 2 === 0, fill: fillOf(b) }],
      ["read", { path: made(a) }, SOON],
      ["reflink", { path: made(a), target: clone(b) }, SOON],
      ["unlink", { path: made(a) }, SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["create", { path: made(a), nocow: true }],
      ["create", { path: made(a + 1), nocow: true }],
      ["interleave", { path: made(a), other: made(a + 1), piece: 16 * PAGE_SIZE, size: MIB }, SOON],
      ["mkswap", { path: made(a) }, SOON],
      ["swapon", { path: made(a), priority: b % 9 }, SOON],
      ["swapoff", { path: made(a) }, 2 * SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["open", { path: fileOf(a), write: b % 2 === 0, truncate: a % 5 === 0 }],
      ["read", { path: fileOf(b), offset: bytes(a), length: bytes(b) }, SOON],
      ["access", { path: fileOf(a), kind: accessOf(b), offset: bytes(b), length: bytes(a) }, SOON],
    ],
  },
  { steps: (a) => [["set-property", { what: ["label", "default subvolume", "quota"][a % 3]! }]] },
  {
    steps: (a, b) => [
      ["create", { path: "/big", size: 300 * MIB, fill: "preallocated" }],
      ["resize", { device: a % 2 ? "vda" : "vdb", size: (260 + (b % 5) * 10) * MIB }, SECOND],
      ["resize-cancel", {}, MILLISECOND],
      ["unlink", { path: "/big" }, SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["create", { path: made(a), size: MIB, nocow: a % 3 === 0 }],
      ["clone-range", { path: "/db", target: made(a), offset: bytes(b), length: bytes(a) }, SOON],
      ["read", { path: made(a) }, SECOND],
    ],
  },
  {
    steps: (_a, b) => [
      ["snapshot", { subvolume: "/", target: snap(b) }],
      ["subvolume-delete", { subvolume: snap(b) }, SECOND],
      ["subvolume-sync", {}],
    ],
  },
  {
    steps: (_a, b) => [
      ["memory-limit", { cgroup: "app", memoryMax: (400 + (b % 500)) * PAGE_SIZE }],
      ["memory-limit", { cgroup: "app" }, 3 * SECOND],
    ],
  },
  {
    steps: (a, b) => [
      ["remount", { option: ["compress=zlib", "compress-force=lzo", "compress=no", "nodatacow"][a % 4]! }],
      ["write", { path: b % 2 ? "/log" : "/db", offset: bytes(b), length: MIB }, SOON],
    ],
  },
  {
    steps: (_a, b) => [
      ["snapshot", { subvolume: "/", target: snap(b), readonly: true }],
      ["send", { subvolume: snap(b) }, SOON],
      ["subvolume-delete", { subvolume: snap(b) }, SOON],
    ],
  },
  // Answers that go to memory which may be swapped out.
  { steps: (a) => [["filefrag", { path: fileOf(a), buffer: "app" }]] },
  { steps: () => [["search-tree", { buffer: "app" }]] },
];

type Steps = ReturnType<Recipe["steps"]>;

function swapFile(path: string, number: number): Steps {
  return [
    ["create", { path, size: 6 * MIB, nocow: true, fill: number % 2 ? "written" : "preallocated" }],
    ["mkswap", { path }, SECOND / 2],
    ["swapon", { path, priority: number % 9 }, SECOND / 2],
  ];
}

const made = (number: number): string => `/made${number % 4}`;

function fillOf(number: number): string {
  return ["written", "preallocated", "hole"][number % 3]!;
}

function accessOf(number: number): string {
  return [
    "open for writing",
    "map shared",
    "store through an old mapping",
    "set attributes",
    "write without waiting",
  ][number % 5]!;
}

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
