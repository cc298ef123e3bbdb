import { describe, expect, it } from "vitest";
import { type Actor, SECOND } from "../../../sim/engine/index.ts";
import { delay, f2fsMachine } from "../support/plain-machine.ts";

describe("a power loss on f2fs", () => {
  it("goes back to the last checkpoint, and blocks in place keep what the device kept", () => {
    const { fs, create, run, losePower, heard } = f2fsMachine();
    const old = create("/old", 100);
    run(fs.sync());
    const before = fs.bmap(old, 10);
    run(fs.write(old, 10, 5));
    create("/young", 50);
    losePower();
    expect(fs.bmap(fs.lookup("/old")!, 10)).toEqual(before);
    expect(fs.lookup("/young")).toBeUndefined();
    run(fs.read(fs.lookup("/old")!, 0, 100));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("does not lose what was removed after it: names come back", () => {
    const { fs, create, run, losePower, heard } = f2fsMachine();
    create("/db", 600);
    run(fs.sync());
    run(fs.unlink("/db", ""));
    run(fs.write(create("/other", 300), 0, 300));
    losePower();
    const file = fs.lookup("/db")!;
    run(fs.read(file, 0, 600));
    expect(heard.wrongReads).toEqual([]);
    run(fs.write(file, 0, 600));
    expect(fs.check()).toEqual([]);
  });

  it("finds everything in the middle of a collection", () => {
    const { fs, create, run, start, losePower, heard } = f2fsMachine({ model: "ssd-sata" });
    const file = create("/db", 2048, { extents: 8 });
    run(fs.sync());
    start(fs.garbageCollection.collect(true, "gc"));
    run(fs.write(create("/other", 100), 0, 100));
    losePower();
    run(fs.read(file, 0, 2048));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
    expect(run(fs.garbageCollection.collect(true, "gc")).errno).toBeUndefined();
  });

  it("ends swap, but the pin stays that swapon set", () => {
    const { fs, create, run, losePower } = f2fsMachine();
    const file = create("/swap", 512, { extents: 2 });
    run(fs.sync());
    run(fs.swapActivate(file, 512));
    run(fs.sync());
    losePower();
    const again = fs.lookup("/swap")!;
    expect(run(fs.write(again, 0, 1))).toBeUndefined();
    expect(run(fs.defragment(again, 4096, "defrag")).errno).toBe("EINVAL");
  });

  it("finds the state in which the last checkpoint began, not that of its end", () => {
    const { fs, create, run, start, losePower } = f2fsMachine({ model: "ssd-sata" });
    create("/early", 100);
    start(fs.sync());
    run(fs.fileOperations.create("/late", false, ""));
    run(sleep(100));
    losePower();
    expect([fs.lookup("/early")?.path, fs.lookup("/late")]).toEqual(["/early", undefined]);
    expect(fs.check()).toEqual([]);
  });

  it("finds nothing of what came after the filesystem had stopped", () => {
    const { fs, create, run, losePower } = f2fsMachine();
    create("/old", 10);
    run(fs.sync());
    create("/young", 10);
    run(fs.mountOperations.abortTransaction("EIO"));
    run(fs.sync());
    losePower();
    expect([fs.lookup("/old")?.path, fs.lookup("/young")]).toEqual(["/old", undefined]);
    expect(run(fs.write(fs.lookup("/old")!, 0, 1))).toBeUndefined();
  });

  it("does not wait for those who write without end: sync comes to its own", () => {
    const { fs, create, run, start, engine } = f2fsMachine({ model: "ssd-sata" });
    const files = ["/a", "/b", "/c"].map((path) => create(path, 10));
    for (const file of files)
      start(endlessly(() => fs.directWrite(file, 0, { generation: 1, owner: 0, index: 0 })));
    const begun = engine.now;
    run(fs.sync());
    expect(engine.now - begun).toBeLessThan(SECOND);
  });
});

function* sleep(milliseconds: number): Actor {
  yield delay("sleep", milliseconds * 1_000_000);
}

function* endlessly(write: () => Actor<unknown>): Actor {
  for (;;) yield* write();
}
