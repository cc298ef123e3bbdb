import { describe, expect, it } from "vitest";
import { ext4Machine } from "../support/plain-machine.ts";

/** An active swap file in four pieces of ten blocks. */
function activeSwap() {
  const machine = ext4Machine();
  const file = machine.create("/swap", 40, { extents: 4 });
  const activation = machine.run(machine.fs.swapActivate(file, 40));
  return { ...machine, file, activation };
}

describe("swapon on an ext4 file", () => {
  it("takes every extent with its place", () => {
    const { fs, file, activation, device } = activeSwap();
    expect(activation).toEqual({
      errno: undefined,
      extents: [0, 10, 20, 30].map((slot) => ({
        slot,
        count: 10,
        device,
        block: fs.bmap(file, slot)!.block,
      })),
    });
  });

  it("accepts preallocated files and joins extents that only their kind keeps apart", () => {
    const { fs, create, run, device } = ext4Machine();
    const file = create("/swap", 40, { preallocated: true });
    run(fs.write(file, 0, 1));
    const block = fs.bmap(file, 0)!.block;
    const activation = run(fs.swapActivate(file, 40));
    expect(activation).toEqual({ errno: undefined, extents: [{ slot: 0, count: 40, device, block }] });
  });

  it.each([
    [20, [10, 10]],
    [21, [10, 10, 1]],
    [40, [10, 10, 10, 10]],
    [1, [1]],
  ])("takes no more than the %i pages asked for", (pages, counts) => {
    const { fs, create, run } = ext4Machine();
    const activation = run(fs.swapActivate(create("/swap", 40, { extents: 4 }), pages));
    expect(activation.errno === undefined && activation.extents.map(({ count }) => count)).toEqual(counts);
  });

  it.each([
    ["in the middle", 20],
    ["behind the last page that swap would use", 39],
  ])("refuses a hole %s", (_where, block) => {
    const { fs, create, run } = ext4Machine();
    const file = create("/swap", 40);
    run(fs.punchHole(file, block, 1));
    expect(run(fs.swapActivate(file, 30))).toEqual({
      errno: "EINVAL",
      message: "swapon: file /swap has unallocated extents",
    });
    expect(run(fs.write(file, 0, 40))).toBeUndefined();
  });

  it("refuses an empty file", () => {
    const { fs, create, run } = ext4Machine();
    expect(run(fs.swapActivate(create("/swap", 0), 0))).toEqual({
      errno: "EINVAL",
      message: "swapon: Cannot find a single usable page in file.",
    });
  });

  it("syncs first, so that nothing it relies on waits for a commit", () => {
    const { fs, create, run, device } = ext4Machine();
    run(fs.swapActivate(create("/swap", 40), 40));
    expect(device.stats.flushIos).toBe(1);
  });

  it("knows its device before it looks at any file", () => {
    const { fs, device } = ext4Machine();
    expect(fs.superBlockDevice).toBe(device);
  });
});

describe("an active swap file on ext4", () => {
  it("may be read but not changed, removed or activated again", () => {
    const { fs, run, file } = activeSwap();
    expect(run(fs.read(file, 0, 40))).toBeUndefined();
    expect(run(fs.write(file, 0, 1))).toBe("ETXTBSY");
    expect(run(fs.punchHole(file, 0, 1))).toBe("ETXTBSY");
    expect(run(fs.unlink("/swap", "u"))).toMatchObject({ errno: "EPERM" });
    expect(run(fs.swapActivate(file, 40))).toMatchObject({ errno: "EBUSY" });
    expect(fs.lookup("/swap")).toBe(file);
  });

  it("leaves evidence when it is not removed", () => {
    const { fs, run, heard } = activeSwap();
    run(fs.unlink("/swap", "step-3"));
    expect(heard.relocations).toEqual([
      {
        first: 0,
        count: 40,
        how: "refused",
        operation: "step-3",
        reason: "may_delete answered EPERM: active swap file",
      },
    ]);
  });

  it("takes pages through direct_IO", () => {
    const { fs, run, file } = activeSwap();
    expect(run(fs.directWrite(file, 3, { generation: 99, owner: 0, index: 0 }))).toBeUndefined();
    expect(run(fs.directRead(file, 3))).toMatchObject({ content: { generation: 99 } });
  });

  it("is an ordinary file again after swapoff", () => {
    const { fs, run, file } = activeSwap();
    fs.swapDeactivate(file);
    expect(run(fs.write(file, 0, 1))).toBeUndefined();
    expect(run(fs.unlink("/swap", "u")).errno).toBeUndefined();
  });
});
