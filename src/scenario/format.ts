import { ALLOCATION_SITES, PAGE_SIZE } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import type { FieldDeclaration, FieldDeclarations } from "./declared.ts";

/*
 * The values a scenario file may hold, one table for each kind of map in it, with all defaults. The reader and the
 * JSON Schema are both made from these tables, so they cannot disagree.
 */

const GIB = 2 ** 30;
const TIB = 2 ** 40;

/** Keys at the top of the file that hold one value. */
export const TOP_FIELDS: FieldDeclarations = {
  name: { type: "text", meaning: "what the scenario is about, for reports" },
  seed: {
    type: "text",
    default: "1",
    meaning:
      "start of all random streams: a number or any text, as it is written; the same seed gives the same run",
  },
  duration: {
    type: "duration",
    min: 1,
    meaning: "how long the machine runs; tasks without an end run until then",
  },
};

export function machineFields(catalogue: Catalogue): FieldDeclarations {
  return {
    memory: {
      type: "size",
      min: 4 * PAGE_SIZE,
      max: 256 * GIB,
      multipleOf: PAGE_SIZE,
      meaning: "memory that the kernel manages",
    },
    cpus: { type: "integer", default: 1, min: 1, max: 1024, meaning: "number of CPUs" },
    kernel: {
      type: "choice",
      choices: catalogue.kernelProfiles.names(),
      default: "linux-6.1",
      meaning: "the kernel whose memory management is modelled",
    },
    reclaim: {
      type: "choice",
      choices: catalogue.reclaimPolicies.names(),
      optional: true,
      meaning: "how reclaim chooses the pages that go; left out: as the kernel does",
    },
    minTtl: {
      type: "duration",
      default: 0,
      meaning:
        "lru_gen/min_ttl_ms: what was used within this time stays in memory, and a task is killed rather; only with MGLRU",
    },
    swappiness: { type: "integer", default: 60, min: 0, max: 200, meaning: "vm.swappiness" },
    pageCluster: {
      type: "integer",
      default: 3,
      min: 0,
      max: 8,
      meaning: "vm.page-cluster, log2 of the readahead window",
    },
    vmaReadahead: {
      type: "boolean",
      default: true,
      meaning:
        "/sys/kernel/mm/swap/vma_ra_enabled: swap readahead goes by address where no area is rotational",
    },
    watermarkScaleFactor: {
      type: "integer",
      default: 10,
      min: 1,
      max: 3000,
      meaning: "vm.watermark_scale_factor, distance between watermarks in 1/10000 of memory",
    },
    minFree: {
      type: "size",
      optional: true,
      min: PAGE_SIZE,
      max: GIB,
      multipleOf: 1024,
      meaning:
        "vm.min_free_kbytes: memory that only reclaim itself may use; left out: as the kernel computes it",
    },
  };
}

/** `zswap` of the machine; without it zswap is off. */
export function zswapFields(catalogue: Catalogue): FieldDeclarations {
  return {
    zpool: {
      type: "choice",
      choices: catalogue.zpools.names(),
      default: "zbud",
      meaning: "allocator of the pool",
    },
    maxPoolPercent: {
      type: "integer",
      default: 20,
      min: 0,
      max: 100,
      meaning: "largest size of the pool in percent of memory; with 0 it is full with the first page",
    },
  };
}

const LIMIT = { type: "size", optional: true, min: 0, max: TIB, multipleOf: PAGE_SIZE } as const;

/** One memory cgroup. */
export const CGROUP_FIELDS: FieldDeclarations = {
  memoryMax: { ...LIMIT, meaning: "memory.max: above it the group reclaims, or a task of it is killed" },
  memoryHigh: { ...LIMIT, meaning: "memory.high: above it tasks reclaim and are slowed down" },
  memoryLow: { ...LIMIT, meaning: "memory.low: below it others give way, as long as they can" },
  memoryMin: { ...LIMIT, meaning: "memory.min: below it nothing is taken for the needs of others" },
  swapMax: { ...LIMIT, meaning: "memory.swap.max" },
  swapHigh: { ...LIMIT, meaning: "memory.swap.high: half of it used counts as a full swap" },
};

export function deviceFields(catalogue: Catalogue): FieldDeclarations {
  return {
    model: { type: "choice", choices: catalogue.deviceModels.names(), meaning: "the kind of device" },
    size: {
      type: "size",
      min: PAGE_SIZE,
      max: 64 * TIB,
      multipleOf: PAGE_SIZE,
      meaning: "capacity of the device",
    },
    rotational: {
      type: "boolean",
      optional: true,
      meaning: "what the kernel is told in queue/rotational; left out: the truth",
    },
    requestsPerSecond: {
      type: "integer",
      optional: true,
      min: 1,
      max: 10_000_000,
      meaning: "limit of requests a second, as an I/O throttle sets it; left out: none",
    },
    readErrors: share("reads that end with EIO"),
    writeErrors: share("writes that end with EIO and change nothing"),
    spikes: share("requests that take spikeTime longer"),
    tornWrites: share("writes under way at a power loss of which only a part reaches the medium"),
    spikeTime: { type: "duration", optional: true, min: 0, meaning: "how much longer; left out: no longer" },
  };
}

/** A device that lies over something else, whose size it has. */
export function stackedFields(catalogue: Catalogue): FieldDeclarations {
  return {
    model: {
      type: "choice",
      choices: catalogue.stackedDevices.names(),
      meaning: "the kind of stacked device",
    },
    over: { type: "text", meaning: "what it lies over: a device of storage, or a file of the filesystem" },
  };
}

/** A share of the requests of a device to which something happens. */
function share(what: string): FieldDeclaration {
  return { type: "number", optional: true, min: 0, max: 1, meaning: `share of ${what}; left out: none` };
}

/** One file of the filesystem. */
export const FILE_FIELDS: FieldDeclarations = {
  size: { type: "size", min: PAGE_SIZE, max: 64 * TIB, multipleOf: PAGE_SIZE, meaning: "length of the file" },
  nocow: { type: "boolean", default: false, meaning: "chattr +C: writes in place, no checksums" },
  preallocated: { type: "boolean", default: false, meaning: "made with fallocate; otherwise written once" },
  extents: {
    type: "integer",
    default: 1,
    min: 1,
    max: 10_000_000,
    meaning: "pieces the file is cut into on disk",
  },
};

/** One swap area; it also has `path` or `device`. */
export const SWAP_FIELDS: FieldDeclarations = {
  pages: {
    type: "integer",
    optional: true,
    min: 10,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "pages that the header made by mkswap promises; left out: the whole file or device",
  },
  priority: {
    type: "integer",
    optional: true,
    min: 0,
    max: 32767,
    meaning: "swapon --priority; left out: the kernel counts down",
  },
};

const START = { type: "duration", default: 0, meaning: "when the task begins" } as const;

/** CPU time per access where nothing says more: an estimate of a few hundred instructions. */
export const ACCESS_CPU = 100;

/** Every task that touches memory. `cpu` is the default CPU time per access in ns. */
export function memoryTaskFields(cpu: number = ACCESS_CPU): FieldDeclarations {
  return {
    start: START,
    cpu: {
      type: "duration",
      default: cpu,
      min: 1,
      meaning: "CPU time per access; of a recorded trace: what a line of it stands for",
    },
    init: {
      type: "boolean",
      default: false,
      meaning: "writes all pages once, in order, before the pattern begins",
    },
    cgroup: {
      type: "text",
      optional: true,
      meaning:
        "memory cgroup it runs in, one of cgroups; left out: the root, or that of the task that forks it",
    },
    compressed: {
      type: "integer",
      optional: true,
      min: 0,
      max: 65_536,
      meaning:
        "bytes a page of it compresses to in zswap and zram, 0 if it is all the same; left out: a third",
    },
    threadOf: {
      type: "text",
      optional: true,
      meaning: "task further up whose memory it shares: it is another thread of that one",
    },
    forkOf: {
      type: "text",
      optional: true,
      meaning:
        "task further up that forks it at its start: it begins with that one's pages, shared until either writes",
    },
    repeat: {
      type: "repeat",
      default: 1,
      min: 1,
      meaning: "how often the accesses are run from their beginning",
    },
  };
}

/** A task that does what a list says; it also has `script`, the list. */
export function scriptTaskFields(): FieldDeclarations {
  const { cgroup, compressed, threadOf, forkOf } = memoryTaskFields() as Record<
    "cgroup" | "compressed" | "threadOf" | "forkOf",
    FieldDeclaration
  >;
  return { start: START, cgroup, compressed, threadOf, forkOf };
}

/** A task that writes to a file; it also has `writes`, the file's path. */
export const WRITER_FIELDS: FieldDeclarations = {
  start: START,
  blocks: {
    type: "integer",
    optional: true,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "blocks of 4 KiB to write in all; left out: without end",
  },
  pattern: {
    type: "choice",
    choices: ["uniform", "sequential"],
    default: "uniform",
    meaning: "where in the file the writes go",
  },
  rate: { type: "rate", min: 0.001, meaning: "writes per second at most" },
  size: {
    type: "size",
    default: PAGE_SIZE,
    min: PAGE_SIZE,
    max: GIB,
    multipleOf: PAGE_SIZE,
    meaning: "bytes per write",
  },
  readEvery: {
    type: "integer",
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "reads the blocks back once in so many writes; 0: never",
  },
};

/** Every step of the timeline; the arguments of its operation stand beside them. */
export const STEP_FIELDS: FieldDeclarations = {
  id: {
    type: "text",
    optional: true,
    meaning: "name of the step in reports; left out: the operation's name",
  },
  at: {
    type: "duration",
    optional: true,
    meaning:
      "when the step begins, before the end of the run; without at, after and when: when the step before has ended",
  },
  says: { type: "text", optional: true, meaning: "text that what the step achieved must contain" },
};

/** Bounds of one counter at the end of the run. */
export const COUNTER_FIELDS: FieldDeclarations = {
  atLeast: { type: "number", default: 0, meaning: "lowest value that is right" },
  atMost: { type: "number", optional: true, meaning: "highest value that is right; left out: any" },
};

/** How `pagestorm explore` goes about it; a timed run does not look at it. */
export const EXPLORE_FIELDS: FieldDeclarations = {
  from: {
    type: "duration",
    optional: true,
    meaning:
      "up to then everything happens in the order of time; left out: up to the end of swapon at boot. What is due then may happen in any order, what is due later when nobody else can go on",
  },
  allocationsFail: {
    type: "boolean",
    default: false,
    meaning: "any allocation of kernel memory that can fail may; each costs one of the bound",
  },
  memoryShort: {
    type: "choice",
    choices: ["any", ...ALLOCATION_SITES],
    optional: true,
    meaning:
      "what the filesystem allocates may find memory used up, so that its task reclaims: this, or any; each time costs one of the bound",
  },
  ioFails: {
    type: "choice",
    choices: ["any", "read", "write"],
    optional: true,
    meaning:
      "requests to a device that may end with EIO, each at the cost of one of the bound; left out: none",
  },
};

/** What a conformance case says about itself. */
export const CONFORMANCE_FIELDS: FieldDeclarations = {
  row: { type: "text", meaning: "row of the catalogue, such as O-33, or the boot of a measured sequence" },
  source: { type: "text", meaning: "the test, source file or measurement that demands it" },
  class: {
    type: "choice",
    choices: ["activation", "operations", "contents", "faults", "pressure", "measured"],
    meaning: "kind of demand",
  },
  given: { type: "text", meaning: "the state before, in a sentence" },
  must: { type: "text", meaning: "what must come of it, in a sentence" },
  ours: { type: "boolean", default: false, meaning: "proposed by pagestorm, demanded by nobody else" },
};

/** What a known bug says about itself. */
export const BUG_FIELDS: FieldDeclarations = {
  id: { type: "text", meaning: "number of the bug, with a letter where an entry holds several: KB-11b" },
  seen: { type: "text", meaning: "what users saw, in a sentence" },
  source: { type: "text", meaning: "commits, reports or measurements, and the release of the fix" },
  evidence: {
    type: "choice",
    choices: ["commit", "report", "source", "measured", "hypothesis"],
    meaning:
      "what it is known from, at best; a hypothesis was read in the source and has been seen by nobody",
  },
};

/** What must be seen with the fix on; it also has `ok`, steps that answer ok. */
export const BUG_WITNESS_FIELDS: FieldDeclarations = {
  pagesBack: {
    type: "integer",
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "pages that come back from swap, at the least",
  },
};

export const BUG_KEYS: readonly string[] = [
  ...Object.keys(BUG_FIELDS),
  "invariant",
  "fix",
  "witness",
  "schedule",
];

/** A line of the schedule that shows a bug. */
export const SLICE_FIELDS: FieldDeclarations = {
  run: {
    type: "text",
    meaning: "the process that goes on: a task, a step of the timeline or a kernel thread",
  },
  until: {
    type: "text",
    optional: true,
    meaning: "up to where it stands before this function; left out: as far as it can",
  },
};

/** Keys at the top of the file, in the order in which they are best written. */
export const TOP_KEYS: readonly string[] = [
  "name",
  "conformance",
  "bug",
  "seed",
  "machine",
  "costs",
  "cgroups",
  "storage",
  "filesystem",
  "swap",
  "strategies",
  "tasks",
  "duration",
  "timeline",
  "explore",
  "expect",
  "counters",
  "faults",
];
