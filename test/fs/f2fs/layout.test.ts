import { describe, expect, it } from "vitest";
import { makeFilesystem } from "../../../sim/fs/f2fs/layout.ts";

describe("the layout of f2fs", () => {
  /** What mkfs.f2fs 1.15.0 made of sparse files of these sizes, as fsck.f2fs -d 3 tells it. */
  it.each([
    [64, 4096, 24, 13, 4096, 11, 5],
    [128, 4096, 56, 18, 15_872, 27, 13],
    [256, 4096, 120, 21, 43_520, 59, 29],
    [640, 4096, 312, 32, 132_096, 155, 77],
    [1024, 5120, 502, 39, 222_208, 250, 124],
    [4096, 9728, 2029, 71, 971_264, 1013, 506],
    [16_384, 29_184, 8135, 135, 4_032_000, 4066, 2032],
    [65_536, 95_744, 32_581, 264, 16_417_280, 16_289, 8144],
  ])("of %i MiB is that of mkfs.f2fs", (mib, main, sections, reserved, userBlocks, warmData, coldData) => {
    expect(makeFilesystem(mib * 256)).toEqual({
      main,
      sections,
      reserved,
      isSmall: mib <= 16_384,
      userBlocks,
      logs: { hotNode: 0, warmNode: 1, coldNode: 2, hotData: 3, warmData, coldData },
    });
  });

  it("needs 52 MiB, as mkfs.f2fs does", () => {
    expect(makeFilesystem(52 * 256).sections).toBeGreaterThan(13);
    expect(() => makeFilesystem(52 * 256 - 1)).toThrow("has room for its tables");
  });
});
