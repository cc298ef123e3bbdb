import { PAGE_SIZE } from "../../../sim/index.ts";
import type { FieldDeclaration, FieldDeclarations } from "../declared.ts";

const GIB = 2 ** 30;

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
