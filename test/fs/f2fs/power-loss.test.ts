import { describe, expect, it } from "vitest";
import { f2fsMachine } from "../support/plain-machine.ts";

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

  it("ends swap and its pin", () => {
    const { fs, create, run, losePower } = f2fsMachine();
    const file = create("/swap", 512);
    run(fs.swapActivate(file, 512));
    run(fs.sync());
    losePower();
    expect(run(fs.write(fs.lookup("/swap")!, 0, 1))).toBeUndefined();
  });
});
