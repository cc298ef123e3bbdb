import { describe, expect, it } from "vitest";
import { SECOND } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import { delay, type F2fsMachine, f2fsMachine } from "../support/plain-machine.ts";

/** Places of all blocks of a file. */
function placesOf({ fs }: F2fsMachine, file: FileHandle): readonly (number | undefined)[] {
  return Array.from({ length: file.size }, (_, block) => fs.bmap(file, block)?.block);
}

/** A file of half-empty sections, which nobody touches. */
function oldFile(options: Parameters<typeof f2fsMachine>[0] = {}) {
  const machine = f2fsMachine(options);
  const file = machine.create("/old", 2048, { extents: 8 });
  machine.run(machine.fs.sync());
  const collect = (foreground = true) => machine.run(machine.fs.garbageCollection.collect(foreground, "gc"));
  return { ...machine, machine, file, collect };
}

describe("garbage collection", () => {
  it("moves what is left in one section, and the file reads back right", () => {
    const { machine, fs, file, collect, heard, run } = oldFile();
    const before = placesOf(machine, file);
    expect(collect()).toMatchObject({ errno: undefined, achieved: "moved 256 blocks, emptied 1 sections" });
    const moved = placesOf(machine, file).filter((place, block) => place !== before[block]);
    expect(moved.length).toBe(256);
    expect(heard.relocations).toMatchObject([{ how: "moved", operation: "gc" }]);
    run(fs.read(file, 0, 2048));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });

  it("says so when there is nothing to collect", () => {
    const { fs, create, run } = f2fsMachine();
    create("/whole", 1024);
    run(fs.sync());
    expect(run(fs.garbageCollection.collect(true, "gc")).errno).toBe("ENODATA");
  });

  it("leaves a section alone that has a pinned file in it, in the foreground", () => {
    const { machine, fs, file, collect, heard, run } = oldFile();
    run(fs.garbageCollection.pin(file, true));
    const before = placesOf(machine, file);
    expect(collect().errno).toBe("EAGAIN");
    expect(placesOf(machine, file)).toEqual(before);
    expect(heard.relocations).toMatchObject([{ how: "skipped", operation: "gc" }]);
  });

  it("moves the neighbours of a pinned file, in the background", () => {
    const machine = f2fsMachine();
    const { fs, create, run } = machine;
    const [neighbour, pinned] = [create("/neighbour", 100), create("/pinned", 100)];
    create("/filler", 312);
    run(fs.garbageCollection.pin(pinned, true));
    run(sleep(10));
    run(fs.unlink("/filler", ""));
    run(fs.write(create("/young", 1), 0, 1));
    const [away, stays] = [placesOf(machine, neighbour), placesOf(machine, pinned)];
    expect(run(fs.garbageCollection.collect(false, "gc")).errno).toBeUndefined();
    expect(placesOf(machine, pinned)).toEqual(stays);
    expect(placesOf(machine, neighbour).filter((place) => away.includes(place))).toEqual([]);
  });

  it("loses its patience with a pinned file when a writer needs room and nothing else is left", () => {
    const threshold = 5;
    // 24 sections, 13 of them reserved: six half-empty ones are enough to need collection.
    const machine = f2fsMachine({ blocks: 16_384, mount: { gcPinFileThreshold: threshold } });
    const { fs, create, run, lines } = machine;
    const pinned = create("/pinned", 6 * 256, { extents: 6 });
    run(fs.garbageCollection.pin(pinned, true));
    const before = placesOf(machine, pinned);
    const busy = create("/busy", 512);
    for (let round = 0; round < 40; round++) run(fs.write(busy, 0, 512));
    expect(lines.join()).toContain("Enable GC = ino 0 after 6 GC trials");
    expect(placesOf(machine, pinned)).not.toEqual(before);
    expect(run(fs.garbageCollection.pin(pinned, true)).errno).toBe("EAGAIN");
    expect(fs.check()).toEqual([]);
  });

  it("runs by itself when nobody has used the filesystem for a while", () => {
    const { machine, fs, file, create, run, heard } = oldFile({ mount: { backgroundGc: true } });
    const before = placesOf(machine, file);
    run(sleep(10));
    // Sections are old only beside younger ones.
    run(fs.write(create("/young", 1), 0, 1));
    run(sleep(19));
    expect(placesOf(machine, file)).toEqual(before);
    run(sleep(2));
    expect(placesOf(machine, file)).not.toEqual(before);
    expect(heard.relocations[0]).toMatchObject({ how: "moved", operation: "f2fs_gc" });
    expect(fs.check()).toEqual([]);
  });

  it.each([0, 50, 100, 200, 400, 800])(
    "drops what it copied if the file was written %i us later",
    (later) => {
      const { fs, file, start, run, heard } = oldFile({ model: "ssd-sata" });
      start(fs.garbageCollection.collect(true, "gc"));
      run(sleep(later / 1e6));
      run(fs.write(file, 0, 300));
      run(sleep(1));
      run(fs.read(file, 0, 2048));
      expect(heard.wrongReads).toEqual([]);
      expect(fs.check()).toEqual([]);
    },
  );

  it("keeps a writer going that overwrites a full filesystem again and again", () => {
    const { fs, create, run, heard } = f2fsMachine();
    const file = create("/db", 14_000);
    for (let round = 0; round < 6; round++)
      for (let first = 0; first < 14_000; first += 700) run(fs.write(file, (first * 7) % 13_300, 700));
    run(fs.read(file, 0, 14_000));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
  });
});

function* sleep(seconds: number) {
  yield delay("sleep", seconds * SECOND);
}
