import { describe, expect, it } from "vitest";
import { SimulationBug } from "../../../sim/engine/index.ts";
import { DEVICE_BLOCKS_MIN, makeFilesystem } from "../../../sim/fs/ext4/layout.ts";

const blocksOf = (mib: number): number => mib * 256;

describe("the layout of ext4", () => {
  // "Free blocks" that dumpe2fs shows after mke2fs 1.47 -t ext4 -b 4096 on a file of this size.
  it.each([
    [16, 2_805],
    [100, 22_954],
    [300, 67_814],
    [511, 118_335],
    [512, 124_719],
    [600, 146_860],
    [700, 171_928],
    [2_048, 498_132],
    [8_192, 2_038_641],
    [20_480, 5_116_558],
  ])("leaves as many blocks of %i MiB free as mke2fs does", (mib, free) => {
    const layout = makeFilesystem(blocksOf(mib));
    expect(layout.free.blocks).toBe(free);
    expect(layout.metadataBlocks).toBe(blocksOf(mib) - free);
  });

  it("puts the journal of 2 GiB into the middle and backup super blocks at powers of 3, 5 and 7", () => {
    const { metadata } = makeFilesystem(blocksOf(2_048));
    expect(metadata.map(({ block }) => block / 32_768)).toEqual([0, 1, 3, 5, 7, 8, 9]);
    expect(metadata.find(({ block }) => block === 262_144)?.count).toBe(16_384);
  });

  it("starts files in the second group, if there is one", () => {
    expect(makeFilesystem(blocksOf(128)).goal).toBe(0);
    expect(makeFilesystem(blocksOf(128) + 1).goal).toBe(32_768);
  });

  // "Free blocks" that dumpe2fs shows after mke2fs 1.47 -t ext4 -b 1024.
  it.each([
    [100, 90_319],
    [300, 277_609],
    [511, 479_940],
    [600, 585_893],
    [700, 686_331],
    [2_048, 2_044_197],
    [8_192, 8_185_122],
  ])("leaves as much of %i MiB free in blocks of 1 KiB, up to a page for each table", (mib, free) => {
    const { metadata, free: left } = makeFilesystem(blocksOf(mib), 1024);
    expect(left.blocks * 4).toBeLessThanOrEqual(free);
    expect(left.blocks * 4).toBeGreaterThan(free - 4 * metadata.length);
  });

  it("makes groups of 8 MiB of blocks of 1 KiB, with smaller heads", () => {
    const { metadata, groupPages, goal } = makeFilesystem(blocksOf(2_048), 1024);
    expect([groupPages, goal]).toEqual([2_048, 2_048]);
    // A super block, 16 blocks of descriptors and 256 to grow: 273 KiB.
    expect(metadata[1]).toEqual({ block: 2_048, count: 69 });
  });

  it("needs a device with room for the tables", () => {
    expect(makeFilesystem(DEVICE_BLOCKS_MIN).free.blocks).toBeGreaterThan(200);
    expect(() => makeFilesystem(DEVICE_BLOCKS_MIN - 1)).toThrow(SimulationBug);
  });
});
