import type { AccessSource, PhasedFile } from "../../sim/index.ts";
import { type PatternOptions, patterns, TraceHash } from "../../workloads/index.ts";
import { COMPRESSED, INCOMPRESSIBLE } from "./calibration.ts";
import type { PhaseName } from "./measurements.ts";
import type { Workload } from "./row.ts";

/** Pages of the data file. */
const FILE_PAGES = 32_768;

/** Options of the pattern that makes the same accesses as the measured program. */
export function patternOptions(workload: Workload): PatternOptions {
  const { n, m, w, seed, perm } = workload;
  return { pages: n, accesses: m, writes: w, seed, permute: perm === 1, ...special(workload) };
}

function special({ pat, alpha, h, p, W, K, S, F, fp }: Workload): Partial<PatternOptions> {
  switch (pat) {
    case "zipf":
      return { alpha };
    case "hotcold":
      return { hot: h, probability: p };
    case "phase":
      return { window: W, interval: K, step: S };
    case "stride":
      return { step: S };
    case "file":
      return { every: F, ...(fp === undefined ? {} : { filePages: fp }) };
    default:
      return {};
  }
}

/** One process of a measured workload, phase by phase; it hashes the accesses of its run phase as it makes them. */
export class WorkloadProgram {
  readonly pages: number;
  /** The data file it reads. */
  readonly file: Omit<PhasedFile, "device"> | undefined;
  /** Bytes that a page compresses to. */
  readonly compressed: number;
  readonly #workload: Workload;
  readonly #hash = new TraceHash();

  constructor(workload: Workload) {
    this.#workload = workload;
    this.pages = workload.n;
    this.compressed = COMPRESSED[workload.fill] ?? INCOMPRESSIBLE;
    const { file, F, fp, fmode } = workload;
    this.file = file === undefined ? undefined : { pages: fp ?? FILE_PAGES, every: F, mapped: fmode === 1 };
  }

  /** Accesses of a phase; undefined if it has none. */
  open(phase: PhaseName): AccessSource | undefined {
    const { pat, init } = this.#workload;
    switch (phase) {
      case "init":
        return init === 1 ? everyPageOnce(this.pages, true) : undefined;
      case "run":
        return hashed(patterns.require(pat).create(patternOptions(this.#workload)), this.#hash);
      case "verify":
        return everyPageOnce(this.pages, false);
    }
  }

  /** Hash of the accesses made in the run phase. */
  get traceHash(): string {
    return this.#hash.toString();
  }
}

function hashed(source: AccessSource, hash: TraceHash): AccessSource {
  return {
    pages: source.pages,
    fill(batch) {
      const count = source.fill(batch);
      hash.add(batch, count);
      return count;
    },
  };
}

/** All pages in ascending order: written by init, read by verify. */
function everyPageOnce(pages: number, write: boolean): AccessSource {
  let next = 0;
  return {
    pages,
    fill(batch) {
      const count = Math.min(batch.length, pages - next);
      for (let index = 0; index < count; index++) batch[index] = next++ * 2 + (write ? 1 : 0);
      return count;
    },
  };
}
