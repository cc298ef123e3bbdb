import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fingerprint } from "../../sim/engine/fingerprint.ts";
import { Histogram, openStreams, Registry } from "../../sim/engine/index.ts";

describe("a histogram", () => {
  it("tells quantiles to within 1/32 of their value", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 50 }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = new Histogram();
          for (const value of values) histogram.record(value);
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(share * values.length) - 1)]!;
          const told = histogram.quantile(share);
          expect(told).toBeGreaterThanOrEqual(exact);
          expect(told).toBeLessThanOrEqual(Math.max(exact + exact / 32, exact));
        },
      ),
    );
  });

  it.each([0, 1, 31, 32, 33, 63, 64, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52])(
    "keeps %i apart from its neighbours' scale",
    (value) => {
      const histogram = new Histogram();
      histogram.record(value);
      expect(histogram.quantile(0.5)).toBe(value);
      expect(histogram.max).toBe(value);
    },
  );

  it("is empty at first", () => {
    expect(new Histogram().quantile(0.99)).toBe(0);
  });
});

describe("a fingerprint", () => {
  const of = (...words: number[]): string => {
    const fingerprint = new Fingerprint();
    for (const word of words) fingerprint.mix(word);
    return fingerprint.toString();
  };

  it("differs if a word, the order, or a high bit differs", () => {
    const different = [of(1, 2), of(2, 1), of(1, 3), of(1), of(1 + 2 ** 40, 2)];
    expect(new Set(different).size).toBe(different.length);
    expect(of(1, 2)).toBe(of(1, 2));
  });
});

describe("random streams", () => {
  it("of one seed do not disturb each other", () => {
    const alone = openStreams("s").named("disk");
    const streams = openStreams("s");
    const disk = streams.named("disk");
    const workload = streams.named("workload");
    const mixed = Array.from({ length: 5 }, () => {
      workload.unit();
      return disk.unit();
    });
    expect(mixed).toEqual(Array.from({ length: 5 }, () => alone.unit()));
  });

  it("give the same numbers on every machine", () => {
    const stream = openStreams("golden").named("stream");
    expect(Array.from({ length: 5 }, () => stream.below(1000))).toEqual(GOLDEN);
  });

  it("refuse bounds they cannot serve", () => {
    const stream = openStreams("s").named("x");
    expect(() => stream.below(0)).toThrow("1 .. 2^32");
    expect(stream.below(2 ** 32)).toBeLessThan(2 ** 32);
  });
});

/** seedrandom's alea with the seed "golden/stream". */
const GOLDEN = [614, 107, 207, 887, 777];

describe("a registry", () => {
  const entry = (name: string) => ({ name, summary: "", source: "", parameters: {} });

  it("keeps its order and finds by name", () => {
    const registry = new Registry("thing", [entry("b"), entry("a")]);
    expect(registry.names()).toEqual(["b", "a"]);
    expect(registry.get("c")).toBeUndefined();
  });

  it("has no two entries of one name", () => {
    expect(() => new Registry("thing", [entry("a"), entry("a")])).toThrow("unique");
  });
});
