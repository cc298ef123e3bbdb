import { PAGE_SIZE } from "../../../sim/index.ts";
import type { Catalogue } from "../catalogue.ts";
import type { FieldDeclarations } from "../declared.ts";

const GIB = 2 ** 30;
const TIB = 2 ** 40;

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
      min: 0,
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
