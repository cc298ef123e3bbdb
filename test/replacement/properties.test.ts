import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Replacement, replacements } from "../../sim/replacement/index.ts";
import { missesOf, picture, policyFor, resident } from "./helpers.ts";
import { MODELS } from "./models.ts";

const PAGES = 24;

/** Strings with pages that come back soon: draws from few pages, with runs and sweeps in between. */
const strings = fc
  .array(
    fc.oneof(
      fc.array(fc.integer({ min: 0, max: PAGES - 1 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
      fc.integer({ min: 2, max: PAGES }).map((length) => Array.from({ length }, (_, page) => page)),
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((parts) => Uint32Array.from([PAGES - 1, ...parts.flat()]));
const capacities = fc.integer({ min: 1, max: PAGES + 2 });

describe.each(Object.keys(MODELS))("%s", (name) => {
  it("hits and misses where its model does", () => {
    fc.assert(
      fc.property(strings, capacities, (string, capacity) => {
        const model = MODELS[name]!(capacity, string);
        const expected = Array.from(string, (page) => (model(page) ? "." : "x")).join("");
        // Bélády's optimum may choose any of the pages that are never used again, which shows in no count.
        expect(picture(name, capacity, string)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(replacements.names())("%s", (name) => {
  it("never holds more than fits, holds what was just accessed, and hits what it holds", () => {
    fc.assert(
      fc.property(strings, capacities, (string, capacity) => {
        const policy = policyFor(name, capacity, string);
        for (const page of string) {
          const held = policy.has(page);
          expect(policy.access(page)).toBe(held);
          expect(policy.has(page)).toBe(true);
          expect(policy.size).toBe(resident(policy, PAGES).length);
          expect(policy.size).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });

  it("misses no less than Bélády's optimum", () => {
    fc.assert(
      fc.property(strings, capacities, (string, capacity) => {
        expect(missesOf(name, capacity, string)).toBeGreaterThanOrEqual(missesOf("min", capacity, string));
      }),
    );
  });

  it("keeps its books when a machine brings pages in and out as it likes", () => {
    const operations = fc.array(
      fc.tuple(fc.constantFrom("use", "use", "evict", "remove"), fc.integer({ min: 0, max: PAGES - 1 })),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(operations, (script) => {
        const string = Uint32Array.from(script.flatMap(([what, page]) => (what === "use" ? [page] : [])));
        const policy = replacements.require(name).create({
          pages: PAGES / 2,
          capacity: PAGES,
          random: { below: (bound: number) => bound - 1 } as never,
          future: () => string.map((page) => page % (PAGES / 2)),
        });
        drive(
          policy,
          script.map(([what, page]) => [what, page % (PAGES / 2)]),
        );
        policy.grow(PAGES);
        expect(policy.has(PAGES - 1)).toBe(false);
        policy.insert(PAGES - 1);
        expect(policy.has(PAGES - 1)).toBe(true);
      }),
    );
  });
});

/** Brings pages in when they are used, with accesses told apart from that, and out; checks against a set. */
function drive(policy: Replacement, script: readonly (readonly [string, number])[]): void {
  const held = new Set<number>();
  for (const [what, page] of script) {
    if (what === "use") {
      policy.touch(page);
      if (!held.has(page)) policy.insert(page);
      held.add(page);
    } else if (what === "evict" && held.size > 0) {
      expect(held.delete(policy.evict())).toBe(true);
    } else if (what === "remove" && held.delete(page)) {
      policy.remove(page);
    }
    expect(resident(policy, PAGES / 2)).toEqual([...held].sort((left, right) => left - right));
    expect(policy.size).toBe(held.size);
  }
}

it("LRU with more memory holds all that LRU with less memory holds", () => {
  fc.assert(
    fc.property(strings, capacities, (string, capacity) => {
      const small = policyFor("lru", capacity, string);
      const large = policyFor("lru", capacity + 1, string);
      for (const page of string) {
        small.access(page);
        large.access(page);
        expect(resident(large, PAGES)).toEqual(expect.arrayContaining(resident(small, PAGES)));
      }
    }),
  );
});

it("a wrong future is noticed", () => {
  const policy = policyFor("min", 2, Uint32Array.from([0, 1, 2]));
  policy.access(0);
  expect(() => policy.access(2)).toThrow("the accesses are those that were foretold");
});
