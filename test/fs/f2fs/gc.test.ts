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

  it("loses its patience with a pinned file when nothing else is left and a writer needs room", () => {
    const machine = f2fsMachine({ mount: { gcPinFileThreshold: 5 } });
    const { fs, create, run, lines } = machine;
    const old = create("/old", 14 * 256, { extents: 14 });
    run(fs.garbageCollection.pin(old, true));
    const before = placesOf(machine, old);
    // swapon takes a free section for each of these, and does not ask how many are left.
    for (let round = 0; round < 20; round++) {
      const swap = create(`/swap${round}`, 512, { extents: 2 });
      expect(run(fs.swapActivate(swap, 512)).errno).toBeUndefined();
    }
    run(fs.sync());
    expect([placesOf(machine, old), lines.filter((line) => line.includes("GC trials"))]).toEqual([
      before,
      [],
    ]);
    expect(run(fs.write(create("/young", 512, { preallocated: true }), 0, 512))).toBeUndefined();
    expect(lines.at(-1)).toContain("Enable GC = ino 0 after 6 GC trials");
    expect(placesOf(machine, old)).not.toEqual(before);
    expect(run(fs.garbageCollection.pin(old, true)).errno).toBe("EAGAIN");
    expect(fs.check()).toEqual([]);
  });

  it("lost its patience with each pinned block that it met, before it remembered sections", () => {
    const { machine, fs, file, collect, run, lines } = oldFile({ faults: ["noPinnedSections"] });
    run(fs.garbageCollection.pin(file, true));
    const before = placesOf(machine, file);
    for (let round = 0; round < 8; round++) expect(collect().errno).toBe("EAGAIN");
    expect([placesOf(machine, file), lines]).toEqual([before, []]);
    // 2,048 blocks were met, which is not more than the threshold; the next one is.
    collect();
    expect(lines.join()).toContain("Enable GC = ino 0 after 900 GC trials");
    expect(placesOf(machine, file)).not.toEqual(before);
    expect(run(fs.garbageCollection.pin(file, true)).errno).toBe("EAGAIN");
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

  it("keeps writers going on a full filesystem, whose files are replaced again and again", () => {
    const machine = f2fsMachine({ mount: { mode: "lfs" } });
    const { fs, create, run, heard, engine } = machine;
    const file = create("/db", 13_000);
    for (let round = 0; round < 6; round++) {
      for (let first = 0; first < 13_000; first += 650) run(fs.write(file, (first * 7) % 12_350, 650));
      writeAnew(machine, "/log", 900);
    }
    run(fs.read(file, 0, 13_000));
    expect(heard.wrongReads).toEqual([]);
    expect(fs.check()).toEqual([]);
    expect(engine.now).toBeLessThan(SECOND);
  });

  it("does not move blocks into the section that it empties", () => {
    const { fs, create, run, engine } = f2fsMachine();
    create("/old", 100);
    const swap = create("/swap", 14_000, { extents: 100 });
    expect(run(fs.swapActivate(swap, 14_000)).errno).toBe("ENOSPC");
    const begun = engine.now;
    const file = create("/young", 100, { preallocated: true });
    expect(run(fs.write(file, 0, 100))).toBeUndefined();
    expect(engine.now - begun).toBeLessThan(SECOND);
    expect(fs.check()).toEqual([]);
  });

  it("leaves no block waiting after the next checkpoint", () => {
    const { fs, device, collect, run } = oldFile();
    for (let round = 0; round < 8; round++) collect();
    run(fs.sync());
    expect(fs.regions(device).filter(({ kind }) => kind === "pinned")).toEqual([]);
  });
});

/** Replaces a file by a new one of so many blocks. */
function writeAnew({ fs, run }: F2fsMachine, path: string, blocks: number): void {
  run(fs.unlink(path, ""));
  run(fs.fileOperations.create(path, false, ""));
  expect(run(fs.write(fs.lookup(path)!, 0, blocks))).toBeUndefined();
}

function* sleep(seconds: number) {
  yield delay("sleep", seconds * SECOND);
}
