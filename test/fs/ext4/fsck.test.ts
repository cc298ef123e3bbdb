import { describe, expect, it } from "vitest";
import { createBlockDevice, deviceModels, GenerationCounter, OwnerTable } from "../../../sim/block/index.ts";
import { bytesOf, Engine, Processors } from "../../../sim/engine/index.ts";
import { check, regionsOf } from "../../../sim/fs/ext4/fsck.ts";
import { Volume } from "../../../sim/fs/ext4/volume.ts";
import { blindObserver } from "../../../sim/fs/index.ts";
import { ext4Machine } from "../support/plain-machine.ts";

/** A volume with one file of 20 blocks, open to be damaged. */
function volumeWithFile() {
  const engine = new Engine({ seed: "fsck" });
  const device = createBlockDevice(engine, { name: "vda", model: deviceModels.require("ram"), size: 4096 });
  const context = {
    engine,
    processors: new Processors(engine, 1),
    owners: new OwnerTable(),
    generations: new GenerationCounter(),
    observer: blindObserver,
    faults: new Set<string>(),
    log() {},
  };
  const volume = new Volume(context, device, { commit: 1_000 });
  const file = volume.addFile("/db", 20);
  volume.allocate(file, 0, 20);
  const { block } = file.extents.at(0)!;
  return { volume, file, block };
}

describe("the recount of ext4", () => {
  it("finds nothing wrong with a sound volume", () => {
    expect(check(volumeWithFile().volume)).toEqual([]);
  });

  it("finds blocks that are in use and free", () => {
    const { volume, block } = volumeWithFile();
    volume.free.give(block + 5, 2);
    expect(check(volume)).toContain(`block ${block + 5} belongs to /db and to free space`);
  });

  it("finds blocks that nobody knows", () => {
    const { volume, block } = volumeWithFile();
    volume.free.take(block + 30, 2);
    expect(check(volume)).toContain(`blocks ${block + 30}..${block + 31} belong to nobody`);
  });

  it("finds blocks at the end that nobody knows", () => {
    const { volume } = volumeWithFile();
    volume.free.take(4095, 1);
    expect(check(volume)).toContain("claims end at block 4095 of 4096");
  });

  it("finds blocks of two files", () => {
    const { volume, block } = volumeWithFile();
    const other = volume.addFile("/other", 5);
    other.extents.insert({ first: 0, count: 5, block: block + 10, written: true });
    expect(check(volume)).toContain(`block ${block + 10} belongs to /db and to /other`);
  });

  it("finds extents behind the end of their file", () => {
    const { volume, file } = volumeWithFile();
    volume.allocate(file, 40, 1);
    expect(check(volume)).toContain("/db: extent at 40 is out of place");
  });

  it("finds pages across a border where blocks are as large as pages", () => {
    const { volume, file } = volumeWithFile();
    file.extents.straddle(3);
    expect(check(volume)).toContain("/db: extent at 3 lies across a border, but blocks are pages");
  });

  it("finds extents that are not known by place", () => {
    const { volume, file } = volumeWithFile();
    volume.users.remove(file.extents.at(0)!);
    expect(check(volume)).toEqual(expect.arrayContaining(["1 extents, but 0 known by place"]));
  });
});

describe("the map of ext4", () => {
  it("covers the device without gaps and says who owns what", () => {
    const { fs, create, run, device } = ext4Machine();
    const db = create("/db", 10);
    create("/gone", 5);
    run(fs.unlink("/gone", "u"));
    const regions = fs.regions(device);
    let end = 0;
    for (const region of regions) {
      expect(region.block).toBe(end);
      end += region.count;
    }
    expect(end).toBe(4096);
    expect(regions.map(({ kind }) => kind)).toEqual(["metadata", "data", "pinned", "free"]);
    expect(regions[1]).toMatchObject({ block: fs.bmap(db, 0)!.block, count: 10, owner: db.owner });
  });

  it("shows another device as untouched", () => {
    const { fs, engine } = ext4Machine();
    const other = createBlockDevice(engine, { name: "vdb", model: deviceModels.require("ram"), size: 7 });
    expect(fs.regions(other)).toEqual([{ block: 0, count: 7, kind: "unallocated", owner: undefined }]);
    expect(fs.holdersOf({ device: other, block: 1 })).toEqual([]);
  });

  it("joins extents of one file that only their kind keeps apart", () => {
    const { volume, file } = volumeWithFile();
    file.extents.markWritten(3, 4);
    expect(regionsOf(volume).filter(({ kind }) => kind === "data")).toHaveLength(1);
  });

  it("names the holder of a block, its file block included", () => {
    const { fs, create, device } = ext4Machine();
    const file = create("/db", 10);
    const { block } = fs.bmap(file, 0)!;
    const [table] = fs.holdersOf({ device, block: block - 1 });
    expect(table?.index).toBe(block - 1);
    expect(table?.owner).not.toBe(file.owner);
    expect(fs.holdersOf({ device, block })).toEqual([{ owner: file.owner, index: 0 }]);
    expect(fs.holdersOf({ device, block: block + 9 })).toEqual([{ owner: file.owner, index: 9 }]);
    expect(fs.holdersOf({ device, block: block + 10 })).toEqual([]);
  });

  it("visits every block that has contents once", () => {
    const { fs, create, run } = ext4Machine();
    create("/db", 3);
    const swap = create("/swap", 3, { preallocated: true });
    run(fs.write(swap, 1, 1));
    const visited: string[] = [];
    fs.forEachBlock((file, block, place) => {
      expect(place).toEqual(fs.bmap(file, block));
      visited.push(`${file.path}:${block}`);
    });
    expect(visited).toEqual(["/db:0", "/db:1", "/db:2", "/swap:1"]);
  });

  it("counts space so that the parts make up the whole", () => {
    const { fs, create, run } = ext4Machine();
    create("/db", 10);
    create("/gone", 5);
    run(fs.unlink("/gone", "u"));
    const { size, dataUsed, metadataUsed, pinned, unallocated } = fs.space();
    expect([size, dataUsed, pinned]).toEqual([4096, 10, 5].map(bytesOf));
    expect(dataUsed + metadataUsed + pinned + unallocated).toBe(size);
  });
});
