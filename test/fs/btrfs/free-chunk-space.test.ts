import { describe, expect, it } from "vitest";
import { PAGE_SIZE } from "../../../sim/engine/index.ts";
import { FreeChunkSpace } from "../../../sim/fs/btrfs/free-chunk-space.ts";

/** A device of 100 blocks with chunks on 70 of them. */
const DEVICE = { size: 100, allocated: 70 };

function counted(right: boolean, ...sizes: readonly number[]): number {
  const space = new FreeChunkSpace();
  space.recount([DEVICE]);
  let { size } = DEVICE;
  for (const next of sizes) {
    space.resize({ size, allocated: DEVICE.allocated }, next, right);
    size = next;
  }
  return space.bytes / PAGE_SIZE;
}

describe("the space for chunks", () => {
  it("is what no chunk occupies", () => {
    expect(counted(true)).toBe(30);
  });

  it("shrinks with the device, and is nothing if that ends amid its chunks", () => {
    expect(counted(true, 80)).toBe(10);
    expect(counted(true, 50)).toBe(0);
    expect(counted(true, 50, 100)).toBe(30);
  });

  it("loses chunks as well before 6.7, is beyond all bounds below zero, and does not grow with the device", () => {
    expect(counted(false, 80)).toBe(10);
    expect(counted(false, 70)).toBe(0);
    expect(counted(false, 69)).toBe(Number.POSITIVE_INFINITY);
    expect(counted(false, 80, 100)).toBe(10);
  });

  it.each([true, false])("is what it was after a shrink that failed (counted right: %s)", (right) => {
    const space = new FreeChunkSpace();
    space.recount([DEVICE]);
    space.resize(DEVICE, 50, right);
    space.undoShrink({ size: 50, allocated: 70 }, 100, right);
    expect(space.bytes / PAGE_SIZE).toBe(30);
  });
});
