import { describe, expect, it } from "vitest";
import { kernelProfiles, minFreeKbytes, watermarks } from "../../sim/mm/index.ts";

const MIB = 256; // pages
const GIB = 1024 * MIB;
const today = kernelProfiles.require("linux-6.1");
const of3_18 = kernelProfiles.require("linux-3.18");

describe("watermarks of a single zone", () => {
  it.each([
    { ram: "256 MiB", pages: 256 * MIB, kb: 2048, min: 512, low: 640, high: 768 },
    { ram: "1 GiB", pages: GIB, kb: 4096, min: 1024, low: 1286, high: 1548 },
    { ram: "4 GiB", pages: 4 * GIB, kb: 8192, min: 2048, low: 3096, high: 4144 },
    { ram: "8 GiB", pages: 8 * GIB, kb: 11585, min: 2896, low: 4993, high: 7090 },
    { ram: "16 GiB", pages: 16 * GIB, kb: 16384, min: 4096, low: 8290, high: 12484 },
    { ram: "64 GiB", pages: 64 * GIB, kb: 32768, min: 8192, low: 24969, high: 41746 },
    { ram: "256 GiB", pages: 256 * GIB, kb: 65536, min: 16384, low: 83492, high: 150600 },
  ])("of $ram are min $min, low $low, high $high", ({ pages, kb, min, low, high }) => {
    expect(minFreeKbytes(today, pages)).toBe(kb);
    expect(watermarks(today, pages, 10)).toEqual({ min, low, high });
  });

  it.each([
    [256 * MIB, 640, 768],
    [GIB, 1280, 1536],
    [4 * GIB, 2560, 3072],
    [64 * GIB, 10_240, 12_288],
    [256 * GIB, 20_480, 24_576],
  ])("of %i pages lie a quarter of min apart in 3.18: low %i, high %i", (pages, low, high) => {
    expect(watermarks(of3_18, pages, 10)).toMatchObject({ low, high });
  });

  it.each([
    ["linux-3.18", 64],
    ["linux-5.0", 64],
    ["linux-6.1", 256],
  ])("of %s keep at most %i MiB, however large the machine", (kernel, most) => {
    expect(watermarks(kernelProfiles.require(kernel), 8192 * GIB, 10).min).toBe(most * MIB);
  });

  it("follow vm.min_free_kbytes where an administrator wrote something there", () => {
    expect(watermarks(today, 65_536, 10, 100)).toEqual({ min: 100, low: 165, high: 230 });
    expect(watermarks(of3_18, 65_536, 10, 0)).toEqual({ min: 0, low: 1, high: 2 });
  });

  it("leave a toy machine of 16 pages most of its memory", () => {
    expect(watermarks(today, 16, 10)).toEqual({ min: 2, low: 3, high: 4 });
  });

  it("move apart with the scale factor", () => {
    expect(watermarks(today, 100_000, 3000)).toEqual({ min: 632, low: 30_632, high: 60_632 });
  });
});
