import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest, oneOf } from "../../../src/scenario/nearest.ts";
import {
  parseDuration,
  parseRate,
  parseSize,
  suggestUnit,
  writeDuration,
  writeSize,
} from "../../../src/scenario/units.ts";

describe("sizes", () => {
  it.each([
    ["0", 0],
    ["4096", 4096],
    ["1B", 1],
    ["3KiB", 3072],
    ["256MiB", 2 ** 28],
    ["1.5 GiB", 1.5 * 2 ** 30],
    ["1TiB", 2 ** 40],
    ["8191TiB", 8191 * 2 ** 40],
  ])("%s is %d bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(["", "MiB", "1MB", "1mib", "-1", "1e3", "0.3KiB", "8192TiB", "1 2", "1s"])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  it("read back as they were written", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(writeSize(bytes)) === bytes));
  });
});

describe("durations", () => {
  it.each([
    ["0", 0],
    ["7ns", 7],
    ["4us", 4000],
    ["4.35us", 4350],
    ["1.005us", 1005],
    ["100ms", 1e8],
    ["90s", 9e10],
    ["5min", 3e11],
    ["1h", 3.6e12],
  ])("%s is %d ns", (text, nanoseconds) => expect(parseDuration(text)).toBe(nanoseconds));

  it.each(["", "90", "90sec", "0.5ns", "1d", "-1s", "1S", "1MiB", "1s2"])("%j is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it("read back as they were written", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (time) => parseDuration(writeDuration(time)) === time));
  });
});

describe("rates", () => {
  it.each([
    ["2000/s", 2000],
    ["0.5/s", 0.5],
    ["1 /s", 1],
  ])("%s is %d a second", (text, rate) => expect(parseRate(text)).toBe(rate));

  it.each(["2000", "2000/min", "/s", "-1/s"])("%j is none", (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );
});

describe("suggestions", () => {
  it.each([
    ["256MB", "size", "256MiB"],
    ["256m", "size", "256MiB"],
    ["1.5g", "size", "1.5GiB"],
    ["1s", "size", undefined],
    ["1GiB", "size", undefined],
    ["90sec", "duration", "90s"],
    ["5minutes", "duration", "5min"],
    ["2hours", "duration", "2h"],
    ["10msec", "duration", "10ms"],
    ["4µs", "duration", "4us"],
    ["90S", "duration", "90s"],
    ["90", "duration", undefined],
  ] as const)("%s as a %s means %s", (text, kind, meant) => expect(suggestUnit(text, kind)).toBe(meant));

  it.each([
    ["pined", "pinned"],
    ["PINNED", "pinned"],
    ["pnined", "pinned"],
    ["direct", "direct-io"],
    ["bmpa", "bmap"],
    ["di", undefined],
    ["zram", undefined],
  ])("%s is nearest to %s", (word, name) => {
    expect(nearest(word, ["partition", "bmap", "pinned", "direct-io"])).toBe(name);
  });

  it.each([
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
  ])("from %j to %j it takes %d steps", (from, to, steps) => {
    expect(editDistance(from, to)).toBe(steps);
    expect(editDistance(to, from)).toBe(steps);
  });
});

describe("a list of names", () => {
  const many = Array.from({ length: 50 }, (_, index) => `name-${index}`);

  it("has only its first few if it is long and the one that was meant is told before it", () => {
    expect(oneOf(many, "name-40")).toBe("one of name-0, name-1, name-2, name-3, name-4, name-5 and 44 more");
    expect(oneOf(["a", "b"], "b")).toBe("one of a, b");
  });

  it("has all of them if none is near what was written", () => {
    expect(oneOf(many)).toBe(`one of ${many.join(", ")}`);
  });
});
