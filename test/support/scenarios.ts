import { GIB, MIB, MICROSECOND, SECOND } from "../../sim/engine/index.ts";
import type { AccessSource } from "../../sim/mm/index.ts";
import type {
  MemoryTaskSpec,
  Scenario,
  StrategyVariant,
  TimelineStep,
  WriterTaskSpec,
} from "../../sim/scenario.ts";

/** A strategy variant without options. */
export const plain = (strategy: string): StrategyVariant => ({ name: strategy, strategy, options: {} });

/** Random accesses to all pages, a third of them stores; the same sequence for the same seed. */
export function uniformAccesses(pages: number, seed: number): () => AccessSource {
  return () => {
    let state = seed;
    return {
      pages,
      fill(batch) {
        for (let index = 0; index < batch.length; index++) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const page = Math.floor((state / 0x1_0000_0000) * pages);
          batch[index] = page * 2 + (state % 3 === 0 ? 1 : 0);
        }
        return batch.length;
      },
    };
  };
}

export function memoryTask(pages: number, more: Partial<MemoryTaskSpec> = {}): MemoryTaskSpec {
  return {
    kind: "memory",
    name: "worker",
    start: 0,
    cpu: 500 * MICROSECOND,
    init: true,
    open: uniformAccesses(pages, 7),
    repeat: Number.POSITIVE_INFINITY,
    fileReads: undefined,
    ...more,
  };
}

export function writerTask(path: string, more: Partial<WriterTaskSpec> = {}): WriterTaskSpec {
  return {
    kind: "writer",
    name: "ingest",
    start: 0,
    path,
    writes: Number.POSITIVE_INFINITY,
    blocksPerWrite: 4,
    pattern: "uniform",
    rate: 200,
    readEvery: 5,
    ...more,
  };
}

export function step(at: number, operation: string, args: TimelineStep["args"] = {}): TimelineStep {
  return { id: `${operation}@${at}s`, at: at * SECOND, do: operation, args, expect: {} };
}

/**
 * A machine small enough for a test: 4 MiB of memory, 16 MiB of swap on a nearly full 512 MiB btrfs, one task that
 * does not fit, one writer.
 */
export function smallScenario(more: Partial<Scenario> = {}): Scenario {
  return {
    name: "small",
    seed: "small",
    machine: {
      memory: 4 * MIB,
      cpus: 2,
      kernel: "linux-6.1",
      swappiness: 60,
      pageCluster: 3,
      watermarkScaleFactor: 10,
    },
    storage: [{ name: "vda", model: "nvme-consumer", size: GIB / 2 }],
    filesystem: {
      type: "btrfs",
      devices: ["vda"],
      options: {},
      files: [
        { path: "/swapfile", size: 16 * MIB, nocow: true, preallocated: true, extents: 1 },
        { path: "/db", size: 256 * MIB, nocow: false, preallocated: false, extents: 40 },
      ],
    },
    swap: [{ target: { kind: "file", path: "/swapfile" }, headerPages: undefined, priority: undefined }],
    strategies: ["bmap", "pinned", "direct-io"].map(plain),
    tasks: [memoryTask(2000), writerTask("/db")],
    duration: 80 * SECOND,
    timeline: [step(5, "balance", { vrange: "/swapfile" }), step(12, "defrag", { path: "/db" })],
    expect: {},
    faults: [],
    ...more,
  };
}
