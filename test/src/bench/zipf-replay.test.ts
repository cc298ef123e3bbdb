import { describe, expect, it } from "vitest";
import { zipfReplay } from "../../../src/bench/zipf-replay.ts";

/** Misses of 200,000 requests for 20,000 objects, room for a tenth and for a half; plain models count the same. */
const MISSES: readonly [policy: string, tenth: number, half: number][] = [
  ["fifo", 69_273, 27_623],
  ["clock", 59_295, 23_135],
  ["lru", 61_143, 23_566],
  ["random", 69_281, 26_842],
  ["arc", 51_936, 22_837],
  ["s3-fifo", 51_156, 23_109],
  ["min", 36_034, 16_818],
];

describe("a Zipf trace replayed", () => {
  const replayed = (policy: string, capacity: number, seed = 1) =>
    zipfReplay({ requests: 200_000, objects: 20_000, capacity, policy, seed });

  it.each(MISSES)("through %s misses as often as always", (policy, tenth, half) => {
    expect(replayed(policy, 2000)).toEqual({ misses: tenth, missRatio: tenth / 200_000 });
    expect(replayed(policy, 10_000).misses).toBe(half);
  });

  it("misses each object once if all fit", () => {
    const once = replayed("fifo", 20_000).misses;
    for (const [policy] of MISSES) expect(replayed(policy, 20_000).misses).toBe(once);
  });

  it("misses about as often with another seed, but not just as often", () => {
    const other = replayed("lru", 2000, 2).misses;
    expect(other).not.toBe(61_143);
    expect(Math.abs(other - 61_143) / 61_143).toBeLessThan(0.01);
  });
});
