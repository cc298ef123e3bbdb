import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PatternOptions, patterns, TraceHash } from "../../workloads/index.ts";

type Row = PatternOptions & { readonly pattern: string; readonly traceHash: string };

/** Every workload that was measured on a real kernel, and the hash of the accesses that the real program made. */
const rows = JSON.parse(
  readFileSync(new URL("../fixtures/trace-hashes.json", import.meta.url), "utf8"),
) as readonly Row[];

function hashOf(pattern: string, options: PatternOptions): string {
  const source = patterns.require(pattern).create(options);
  const hash = new TraceHash();
  const batch = new Uint32Array(1000);
  for (let count = source.fill(batch); count > 0; count = source.fill(batch)) hash.add(batch, count);
  return hash.toString();
}

describe("the accesses of the measured program", () => {
  it("are known for every pattern", () => {
    expect(new Set(rows.map(({ pattern }) => pattern))).toEqual(new Set(patterns.names()));
  });

  it.each(rows.map(({ pattern, traceHash, ...options }) => ({ pattern, options, traceHash })))(
    "are repeated bit for bit: $pattern $options",
    ({ pattern, options, traceHash }) => {
      expect(hashOf(pattern, options)).toBe(traceHash);
    },
  );
});

describe("the hash of a trace", () => {
  it("is the one of 64-bit whole numbers", () => {
    const batch = Uint32Array.of(0, 1, 0xffff_ffff, 12345, 2);
    let expected = 0n;
    for (const access of batch) expected = BigInt.asUintN(64, (expected ^ BigInt(access)) * 0x100000001b3n);
    const hash = new TraceHash();
    hash.add(batch, 2);
    hash.add(batch.subarray(2), 3);
    expect(hash.toString()).toBe(expected.toString(16).padStart(16, "0"));
  });

  it("of nothing is zero", () => {
    expect(new TraceHash().toString()).toBe("0000000000000000");
  });
});
