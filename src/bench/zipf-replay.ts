import { replacements, replay } from "../../sim/index.ts";
import { patterns } from "../../workloads/index.ts";
import { type BenchCase, scaled, timed } from "./bench-case.ts";
import { BareClock } from "./references.ts";

export interface ZipfReplayOptions {
  readonly requests: number;
  /** Different objects at most; the one of rank r has a weight of 1 / r. */
  readonly objects: number;
  /** Objects that fit. */
  readonly capacity: number;
  /** Name of a replacement policy. */
  readonly policy: string;
  readonly seed: number;
}

export interface ZipfReplay {
  readonly misses: number;
  readonly missRatio: number;
}

/** Requests of a Zipf distribution with exponent 1, object 0 being the most popular: the usual trace of cache studies. */
function zipfAccesses(requests: number, objects: number, seed: number): Uint32Array {
  const accesses = new Uint32Array(requests);
  patterns.require("zipf").create({ pages: objects, alpha: 1, seed }).fill(accesses);
  return accesses;
}

/** Replays a Zipf trace through a policy. */
export function zipfReplay(options: ZipfReplayOptions): ZipfReplay {
  const { requests, objects, capacity, policy, seed } = options;
  const objectsAsked = zipfAccesses(requests, objects, seed).map((access) => access >>> 1);
  const misses = replay(replacements.require(policy), objectsAsked, { pages: objects, capacity });
  return { misses, missRatio: misses / requests };
}

const REQUESTS = 20_000_000;
const OBJECTS = 1_000_000;
const CAPACITY = 100_000;

/** A replay of the trace on which other cache simulators were measured. */
function replayCase(policy: string, nanoseconds: number, missRatio: string): BenchCase {
  return {
    name: `replay-${policy}`,
    unit: "ns",
    operation: `request of a Zipf trace replayed through ${policy}`,
    reference: "bare CLOCK loop on typed arrays over the same trace",
    goal: { atMost: nanoseconds },
    note: `20 million requests for 1 million objects, room for a tenth; miss ratio ${missRatio}, as in libCacheSim`,
    repetitions: 3,
    prepare(meters, scale) {
      const accesses = zipfAccesses(scaled(REQUESTS, scale), OBJECTS, 1);
      const requests = accesses.map((access) => access >>> 1);
      const entry = replacements.require(policy);
      return {
        subject: () =>
          timed(meters, () => {
            replay(entry, requests, { pages: OBJECTS, capacity: CAPACITY });
            return requests.length;
          }),
        reference: () =>
          timed(meters, () => {
            new BareClock(OBJECTS, CAPACITY).touch(accesses, accesses.length);
            return accesses.length;
          }),
      };
    },
  };
}

/** Goals are half of what libCacheSim takes or less; its miss ratios were measured on a trace of the same distribution. */
export const zipfReplays: readonly BenchCase[] = [
  replayCase("clock", 30, "0.2150"),
  replayCase("lru", 60, "0.2219"),
  replayCase("fifo", 60, "0.2520"),
  replayCase("arc", 110, "0.1870"),
  replayCase("s3-fifo", 110, "0.1834"),
];
