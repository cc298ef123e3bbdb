import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimulationBug } from "../../sim/engine/index.ts";
import { type PatternOptions, patterns } from "../../workloads/index.ts";
import { begins, take } from "./helpers.ts";

/** The pages of the first accesses of a pattern. */
function pagesOf(pattern: string, options: PatternOptions, count: number): number[] {
  return take(patterns.require(pattern).create(options), count).map((access) => access >>> 1);
}

function shareOf(accesses: readonly number[], matches: (access: number) => boolean): number {
  return accesses.filter(matches).length / accesses.length;
}

describe("patterns without draws", () => {
  it.each([
    ["seq", { pages: 1 }, "0 0 0"],
    ["seq", { pages: 3 }, "0 1 2 0 1 2 0"],
    ["stride", { pages: 1, step: 5 }, "0 0 0"],
    ["stride", { pages: 5 }, "0 1 2 3 4 0 1"],
    ["stride", { pages: 5, step: 0 }, "0 0 0"],
    ["stride", { pages: 5, step: 2 }, "0 2 4 1 3 0 2"],
    ["stride", { pages: 4, step: 2 }, "0 2 0 2"],
    ["stride", { pages: 5, step: 5 }, "0 0 0"],
    ["stride", { pages: 5, step: 7 }, "0 2 4 1 3 0"],
    ["pingpong", { pages: 2 }, "0 1 0 1 0"],
    ["pingpong", { pages: 3 }, "0 1 2 1 0 1 2 1 0"],
    ["pingpong", { pages: 4 }, "0 1 2 3 2 1 0 1 2"],
  ])("%s %o: %s", (pattern, options, expected) => {
    expect(begins(pattern, options, expected.split(" ").length)).toBe(expected);
  });
});

describe("the hot set of hotcold", () => {
  // [pages, share that is hot, hot pages]
  it.each([
    [10, 0.3, 3],
    [10, 0.39, 3],
    [10, 0, 1],
    [10, 0.099, 1],
    [10, 1, 9],
    [3, 0.5, 1],
    [3, 0.7, 2],
    [2, 0.5, 1],
  ])("of %d pages with a share of %d has %d pages", (pages, hot, hotPages) => {
    const onlyHot = pagesOf("hotcold", { pages, hot, probability: 1 }, 500);
    const onlyCold = pagesOf("hotcold", { pages, hot, probability: 0 }, 500);
    const numbers = Array.from({ length: pages }, (_, page) => page);
    expect([...new Set(onlyHot)].sort()).toEqual(numbers.slice(0, hotPages));
    expect([...new Set(onlyCold)].sort()).toEqual(numbers.slice(hotPages));
  });

  it("gets its share of the accesses", () => {
    const pages = pagesOf("hotcold", { pages: 1000, hot: 0.1, probability: 0.8 }, 20_000);
    expect(shareOf(pages, (page) => page < 100)).toBeCloseTo(0.8, 1);
  });
});

describe("the window of phase", () => {
  it("stays for the interval, then moves on and wraps", () => {
    const pages = pagesOf("phase", { pages: 10, window: 3, interval: 100, step: 4 }, 400);
    const seen = [0, 1, 2, 3].map((part) => [...new Set(pages.slice(part * 100, part * 100 + 100))].sort());
    expect(seen).toEqual([
      [0, 1, 2],
      [4, 5, 6],
      [0, 8, 9],
      [2, 3, 4],
    ]);
  });

  it("may be larger than the address space", () => {
    expect(new Set(pagesOf("phase", { pages: 3, window: 7 }, 100))).toEqual(new Set([0, 1, 2]));
  });
});

describe("zipf", () => {
  it("gives rank r a share proportional to (r + 1)^-alpha", () => {
    const pages = pagesOf("zipf", { pages: 4, alpha: 1 }, 50_000);
    const sum = 1 + 1 / 2 + 1 / 3 + 1 / 4;
    for (let rank = 0; rank < 4; rank++) {
      expect(shareOf(pages, (page) => page === rank)).toBeCloseTo(1 / (rank + 1) / sum, 1);
    }
  });

  // The first draw with these seeds is exactly page / pages of the range.
  it.each([
    [4096, 2, 1935825039275260],
    [4096, 3, 2776033313373333],
    [5, 3, 1362838169859964],
    [6, 3, 3284405982333177],
  ])("of %d pages gives a draw on the border below page %d to that page, seed %d", (pages, page, seed) => {
    expect(pagesOf("zipf", { pages, alpha: 0, seed }, 1)).toEqual([page]);
  });

  it.each([1, 2, 3, 5, 1000])("with alpha 0 reaches all of %d pages", (pages) => {
    expect(new Set(pagesOf("zipf", { pages, alpha: 0 }, 12 * pages)).size).toBe(pages);
  });
});

describe("every pattern", () => {
  const anyPattern = fc.constantFrom(...patterns.names());
  const anyOptions = fc.record({
    pages: fc.integer({ min: 2, max: 3000 }),
    writes: fc.constantFrom(0, 0.3, 1),
    seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    permute: fc.boolean(),
    accesses: fc.integer({ min: 1, max: 3000 }),
    window: fc.integer({ min: 1, max: 100 }),
    interval: fc.integer({ min: 1, max: 100 }),
    step: fc.integer({ min: 0, max: 5000 }),
    hot: fc.constantFrom(0, 0.1, 1),
    alpha: fc.constantFrom(0, 0.9, 2),
  });

  it("gives the same accesses whatever the sizes of the batches are, as many as asked for, then the end", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyPattern, anyOptions, sizes, (name, options, batchSizes) => {
        const pattern = patterns.require(name);
        const whole = take(pattern.create(options), 10_000, [10_000]);
        const source = pattern.create(options);
        expect(take(source, 10_000, batchSizes)).toEqual(whole);
        expect(source.fill(new Uint32Array(10))).toBe(0);
        expect(whole).toHaveLength(options.accesses);
        expect(source.pages).toBe(options.pages);
        expect(Math.max(...whole) >>> 1).toBeLessThan(options.pages);
      }),
    );
  });

  it.each(patterns.names())("%s goes on without end if no number of accesses is given", (name) => {
    expect(take(patterns.require(name).create({ pages: 7, window: 2 }), 100_000)).toHaveLength(100_000);
  });

  it.each(patterns.names())("%s writes none, all or a share of the accesses, at the same pages", (name) => {
    const run = (writes: number): number[] =>
      take(patterns.require(name).create({ pages: 50, window: 9, writes }), 20_000);
    const reads = run(0);
    expect(reads.every((access) => access % 2 === 0)).toBe(true);
    expect(run(1)).toEqual(reads.map((access) => access + 1));
    const mixed = run(0.3);
    expect(mixed.map((access) => access & ~1)).toEqual(reads);
    expect(shareOf(mixed, (access) => access % 2 === 1)).toBeCloseTo(0.3, 1);
  });

  it.each(patterns.names())("%s permuted is the same pattern with other page numbers", (name) => {
    const options = { pages: 60, window: 9, seed: 5 };
    const plain = pagesOf(name, options, 3000);
    const permuted = pagesOf(name, { ...options, permute: true }, 3000);
    const renamed = new Map<number, number>();
    plain.forEach((page, index) => {
      renamed.set(page, permuted[index]!);
    });
    expect(permuted).toEqual(plain.map((page) => renamed.get(page)));
    expect(new Set(renamed.values()).size).toBe(renamed.size);
    expect(permuted).not.toEqual(plain);
  });

  it("declares parameters whose defaults lie within their bounds", () => {
    for (const { name, parameters } of patterns.entries()) {
      for (const [parameter, { default: value, min, max }] of Object.entries(parameters)) {
        if (typeof value !== "number") continue;
        expect(value, `${name} ${parameter}`).toBeGreaterThanOrEqual(min!);
        expect(value, `${name} ${parameter}`).toBeLessThanOrEqual(max!);
      }
    }
  });

  it.each([
    ["uniform", { pages: 0 }],
    ["uniform", { pages: 2 ** 26 + 1 }],
    ["uniform", { pages: 2.5 }],
    ["uniform", { pages: 5, writes: 1.1 }],
    ["pingpong", { pages: 1 }],
    ["hotcold", { pages: 1 }],
    ["phase", { pages: 5 }],
    ["phase", { pages: 5, window: 0 }],
  ])("%s refuses %o, which validation would have found", (name, options) => {
    expect(() => patterns.require(name).create(options)).toThrow(SimulationBug);
  });
});

describe("file", () => {
  it("is uniform, and says which file reads come in between", () => {
    const options = { pages: 100, every: 3, filePages: 50 };
    expect(pagesOf("file", options, 1000)).toEqual(pagesOf("uniform", { pages: 100 }, 1000));
    expect(patterns.require("file").fileReads(options)).toEqual({
      every: 3,
      pages: 50,
      mapped: false,
      writes: 0,
    });
    expect(patterns.require("uniform").fileReads({ pages: 100 })).toBeUndefined();
  });
});
