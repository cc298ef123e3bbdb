import { describe, expect, it } from "vitest";
import { bytesOf } from "../../../sim/engine/index.ts";
import { ext4Machine } from "../support/plain-machine.ts";

describe("fstrim on ext4", () => {
  it("discards free space and nothing else", () => {
    const { fs, create, run, device } = ext4Machine();
    const keep = fs.bmap(create("/keep", 10), 3)!.block;
    const gone = fs.bmap(create("/gone", 10), 3)!.block;
    run(fs.unlink("/gone", "u"));
    run(fs.sync());
    const free = fs.space().unallocated;
    expect(run(fs.trim("t"))).toEqual({ errno: undefined, achieved: `trimmed ${free} bytes`, skipped: [] });
    expect(device.contents.generationAt(keep)).toBeGreaterThan(0);
    expect(device.contents.generationAt(gone)).toBe(0);
    expect(device.stats.discardSectors * 512).toBe(free);
    expect(fs.space().unallocated).toBe(free);
    expect(fs.check()).toEqual([]);
  });

  it("leaves blocks alone that wait for a commit", () => {
    const { fs, create, run, device } = ext4Machine();
    const gone = fs.bmap(create("/gone", 10), 3)!.block;
    run(fs.unlink("/gone", "u"));
    run(fs.trim("t"));
    expect(device.contents.generationAt(gone)).toBeGreaterThan(0);
  });

  it("goes group by group", () => {
    const { fs, run, device } = ext4Machine({ blocks: 100_000 });
    run(fs.trim("t"));
    // Four groups; in the second one the journal leaves one run behind it.
    expect(device.stats.discardIos).toBe(4);
  });

  it("lets nobody have blocks that are being discarded", () => {
    const { fs, create, run, start, heard } = ext4Machine({ model: "ssd-sata" });
    const file = create("/db", 100);
    run(fs.punchHole(file, 0, 100));
    run(fs.sync());
    start(fs.trim("t"));
    run(fs.sync());
    expect(fs.check()).toEqual([]);
    for (let round = 0; round < 5; round++) run(fs.write(file, round * 20, 20));
    run(fs.read(file, 0, 100));
    expect(heard.wrongReads).toEqual([]);
    expect(heard.reads).toBe(100);
  });

  it("is not supported where the device cannot discard", () => {
    const { fs, run } = ext4Machine({ model: "hdd-7200" });
    expect(run(fs.trim("t"))).toMatchObject({
      errno: "EOPNOTSUPP",
      achieved: "vda does not support discard",
    });
  });

  it("reports a device that is gone", () => {
    const { fs, run, device } = ext4Machine();
    device.failed = true;
    expect(run(fs.trim("t"))).toMatchObject({ errno: "EIO", achieved: `trimmed ${bytesOf(0)} bytes` });
  });
});
