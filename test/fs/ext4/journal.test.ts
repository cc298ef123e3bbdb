import { describe, expect, it } from "vitest";
import { bytesOf, MILLISECOND, PAGE_SIZE, SECOND } from "../../../sim/engine/index.ts";
import { delay, ext4Machine } from "../support/plain-machine.ts";

function* sleep(duration: number) {
  yield delay("sleep", duration);
}

/** A full device with two files of 100 blocks, of which one was just removed. */
function justRemoved(model = "ram") {
  const machine = ext4Machine({ model });
  machine.create("/victim", 100);
  machine.create("/db", 100);
  machine.run(machine.fs.punchHole(machine.fs.lookup("/db")!, 0, 50));
  machine.run(machine.fs.sync());
  machine.create("/rest", machine.fs.space().unallocated / PAGE_SIZE);
  machine.run(machine.fs.unlink("/victim", "unlink"));
  return machine;
}

describe("the journal of ext4", () => {
  it("keeps freed blocks from being reused until the commit, five seconds after the transaction began", () => {
    const { fs, run } = justRemoved();
    const db = fs.lookup("/db")!;
    expect(fs.space()).toMatchObject({ pinned: bytesOf(100), unallocated: 0 });
    expect(run(fs.write(db, 0, 1))).toBe("ENOSPC");
    run(sleep(5 * SECOND - MILLISECOND));
    expect(run(fs.write(db, 0, 1))).toBe("ENOSPC");
    run(sleep(MILLISECOND + 1));
    expect(fs.space()).toMatchObject({ pinned: 0, unallocated: bytesOf(100) });
    expect(run(fs.write(db, 0, 1))).toBeUndefined();
    expect(fs.check()).toEqual([]);
  });

  it("commits at once on sync, with one flush of the device", () => {
    const { fs, run, device } = justRemoved();
    const flushes = device.stats.flushIos;
    run(fs.sync());
    expect(device.stats.flushIos).toBe(flushes + 1);
    expect(fs.space().pinned).toBe(0);
    expect(run(fs.write(fs.lookup("/db")!, 0, 50))).toBeUndefined();
  });

  it("commits nothing while nothing changes", () => {
    const { fs, run, device, create } = ext4Machine();
    const db = create("/db", 4);
    run(fs.sync());
    const flushes = device.stats.flushIos;
    run(sleep(60 * SECOND));
    run(fs.write(db, 0, 4));
    run(sleep(60 * SECOND));
    expect(device.stats.flushIos).toBe(flushes);
  });

  it("starts the clock anew with the first change after a commit", () => {
    const { fs, run, device, create } = ext4Machine();
    const db = create("/db", 30);
    run(sleep(3 * SECOND));
    run(fs.sync());
    run(sleep(1 * SECOND));
    run(fs.punchHole(db, 0, 1));
    const flushes = device.stats.flushIos;
    run(sleep(5 * SECOND - MILLISECOND));
    expect(device.stats.flushIos).toBe(flushes);
    run(sleep(MILLISECOND + 1));
    expect(device.stats.flushIos).toBe(flushes + 1);
    expect(fs.space().pinned).toBe(0);
  });

  it("leaves what is freed during a commit to the next one", () => {
    const { fs, run, start } = justRemoved("hdd-7200");
    start(fs.sync());
    run(fs.punchHole(fs.lookup("/db")!, 60, 10));
    expect(fs.space().pinned).toBe(bytesOf(110));
    run(sleep(SECOND));
    expect(fs.space().pinned).toBe(bytesOf(10));
    expect(fs.check()).toEqual([]);
    run(fs.sync());
    expect(fs.space().pinned).toBe(0);
  });

  it("writes the life of a block into the history of the device", () => {
    const { fs, run, device, create, owners } = ext4Machine();
    const { block } = fs.bmap(create("/a", 10), 7)!;
    run(fs.unlink("/a", "u"));
    run(fs.sync());
    create("/b", 10);
    expect(device.history.of(block, owners).map(({ what }) => what)).toEqual([
      "blocks were given to block 7 of /a",
      "blocks were freed by block 7 of /a",
      "the commit made the blocks reusable; they were last of block 7 of /a",
      "blocks were given to block 7 of /b",
    ]);
  });
});
