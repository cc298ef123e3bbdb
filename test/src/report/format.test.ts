import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMany,
  formatPercent,
  wrap,
} from "../../../src/report/format.ts";

describe("numbers for people", () => {
  it.each([
    [0, "0 ns"],
    [850, "850 ns"],
    [999, "999 ns"],
    [1000, "1 us"],
    [4200, "4.2 us"],
    [999_999, "1 ms"],
    [12_345_678, "12.3 ms"],
    [90e9, "90 s"],
    [123_456_000_000, "123 s"],
    [5_400e9, "5400 s"],
  ])("%d ns is %s", (time, text) => expect(formatDuration(time)).toBe(text));

  it.each([
    [0, "0 B"],
    [512, "512 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [2 ** 20 - 1, "1 MiB"],
    [1.21 * 2 ** 30, "1.21 GiB"],
    [5 * 2 ** 50, "5120 TiB"],
    [-4096, "-4 KiB"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [3456, "3,456"],
    [1_234_567, "1,234,567"],
    [-1234, "-1,234"],
  ])("%d counts as %s", (count, text) => expect(formatCount(count)).toBe(text));

  it.each([
    [0, "0 %"],
    [0.1234, "12.3 %"],
    [0.00012, "0.012 %"],
    [1, "100 %"],
  ])("%d is %s", (share, text) => expect(formatPercent(share)).toBe(text));

  it("say one page and two pages", () => {
    expect([formatMany(1, "page"), formatMany(2, "page"), formatMany(0, "page")]).toEqual([
      "1 page",
      "2 pages",
      "0 pages",
    ]);
  });
});

describe("wrapping", () => {
  it.each([
    ["a bb ccc", 4, ["a bb", "ccc"]],
    ["a bb ccc", 100, ["a bb ccc"]],
    ["", 5, [""]],
    ["abcdefgh", 3, ["abc", "def", "gh"]],
    ["x abcdefgh", 4, ["x", "abcd", "efgh"]],
  ])("%j to %d characters", (text, width, lines) => expect(wrap(text, width)).toEqual(lines));
});
