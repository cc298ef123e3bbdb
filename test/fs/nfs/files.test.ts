import { describe, expect, it } from "vitest";
import { createBlockDevice, deviceModels, GenerationCounter, OwnerTable } from "../../../sim/block/index.ts";
import { type Actor, Engine, fail, PAGE_SIZE, Processors, SECOND } from "../../../sim/engine/index.ts";
import { type FileHandle, filesystemTypes, type OperationResult } from "../../../sim/fs/index.ts";
import { FileOracle, ViolationLedger } from "../../../sim/oracle/index.ts";

/** A mount of a server with a disk of 64 pages, listened to by the real file oracle. */
function mounted() {
  const engine = new Engine({ seed: "files" });
  const owners = new OwnerTable();
  const ledger = new ViolationLedger();
  const model = deviceModels.require("ssd-sata");
  const device = createBlockDevice(engine, { name: "server", model, size: 64 });
  const observer: FileOracle = new FileOracle({
    now: () => engine.now,
    owners,
    ledger,
    holdersOf: (place) => fs.holdersOf(place),
  });
  const context = {
    engine,
    processors: new Processors(engine, 2),
    owners,
    generations: new GenerationCounter(),
    observer: Object.assign(observer, { relocated() {} }),
    log() {},
  };
  const fs = filesystemTypes.require("nfs").create(context, [device], {});
  const create = (path: string, pages: number): FileHandle => {
    const spec = { path, size: pages * PAGE_SIZE, nocow: false, preallocated: false, extents: 1 };
    const made = fs.createFile(spec);
    return typeof made === "string" ? fail(made) : made;
  };
  const run = <Result>(actor: Actor<Result>): Result => {
    let result: { readonly of: Result } | undefined;
    const running = function* (): Actor {
      result = { of: yield* actor };
    };
    engine.spawn("test", running());
    engine.run(engine.now + SECOND);
    return (result ?? fail("the call is answered")).of;
  };
  const { fileOperations: files = fail("files"), mountOperations: mount = fail("a mount") } = fs;
  const answer = (operation: Actor<OperationResult>): string => run(operation).errno ?? "ok";
  const map = () => [...fs.regions(device)].map(({ block, count, owner }) => [block, count, owner ?? "free"]);
  return { fs, files, mount, create, run, answer, map, harm: () => ledger.listed };
}

describe("a file on an NFS server", () => {
  it("that was removed answers ESTALE to whoever still holds it", () => {
    const { fs, files, create, run, answer } = mounted();
    const file = create("/log", 4);
    expect(answer(fs.unlink("/log", "s"))).toBe("ok");
    expect(run(fs.write(file, 0, 1))).toBe("ESTALE");
    expect(run(fs.read(file, 0, 1))).toBe("ESTALE");
    expect(run(fs.directRead(file, 0))).toBe("ESTALE");
    expect(answer(files.truncate(file, 0, "s"))).toBe("ESTALE");
    expect(fs.isGone?.(file)).toBe(true);
  });

  it("that another one took the name of is not written through it", () => {
    const { fs, files, create, run, answer, harm } = mounted();
    const [old, fresh] = [create("/db", 4), create("/db.new", 4)];
    expect(answer(files.rename("/db.new", "/db", "s"))).toBe("ok");
    expect(run(fs.write(old, 0, 4))).toBe("ESTALE");
    expect(fs.lookup("/db")).toBe(fresh);
    expect(run(fs.read(fresh, 0, 4))).toBeUndefined();
    expect(harm()).toEqual([]);
  });

  it("is found under each of its names, and lasts until the last one goes", () => {
    const { fs, files, create, run, answer } = mounted();
    const file = create("/a", 4);
    expect(answer(files.link(file, "/b", "s"))).toBe("ok");
    expect(answer(files.link(file, "/b", "s"))).toBe("EEXIST");
    expect(fs.files()).toHaveLength(1);
    expect(answer(files.rename("/a", "/b", "s"))).toBe("ok");
    expect(answer(fs.unlink("/a", "s"))).toBe("ok");
    expect([fs.lookup("/a"), fs.lookup("/b"), file.path]).toEqual([undefined, file, "/b"]);
    expect(run(fs.read(file, 0, 4))).toBeUndefined();
    expect(answer(fs.unlink("/b", "s"))).toBe("ok");
    expect(run(fs.read(file, 0, 4))).toBe("ESTALE");
  });

  it("has its place on the map of the disk wherever growth and renaming have put it", () => {
    const { fs, files, create, run, answer, map, harm } = mounted();
    const [a, b] = [create("/a", 4), create("/b", 4)];
    expect(run(fs.write(a, 4, 2))).toBeUndefined();
    expect(answer(files.rename("/b", "/c", "s"))).toBe("ok");
    expect(answer(files.create("/empty", false, "s"))).toBe("ok");
    expect(map()).toEqual([
      [0, 4, "free"],
      [4, 4, b.owner],
      [8, 6, a.owner],
      [14, 50, "free"],
    ]);
    expect(run(fs.read(a, 0, 6))).toBeUndefined();
    expect(harm()).toEqual([]);
  });
});

describe("an NFS mount", () => {
  it("that is read-only refuses every change, until it is writable again", () => {
    const { fs, files, mount, create, run, answer } = mounted();
    const file = create("/a", 4);
    expect(answer(mount.remount(true, "s"))).toBe("ok");
    expect(run(fs.write(file, 0, 1))).toBe("EROFS");
    const changes = [
      files.create("/b", false, "s"),
      files.link(file, "/b", "s"),
      files.rename("/a", "/b", "s"),
      files.truncate(file, 0, "s"),
      files.fallocate(file, "punch-hole", { from: 0, to: PAGE_SIZE }, "s"),
      files.access(file, "open for writing", "s"),
      fs.unlink("/a", "s"),
    ];
    expect(changes.map(answer)).toEqual(changes.map(() => "EROFS"));
    expect(run(fs.read(file, 0, 4))).toBeUndefined();
    expect(answer(mount.remount(false, "s"))).toBe("ok");
    expect(run(fs.write(file, 0, 1))).toBeUndefined();
  });

  it("has no paths any more after an unmount; a swap file refuses one that is not lazy, and goes on", () => {
    const { fs, mount, create, run, answer } = mounted();
    const file = create("/swapfile", 4);
    fs.setSwapFile(file, true);
    expect(answer(mount.umount(false, "s"))).toBe("EBUSY");
    expect(answer(mount.remount(true, "s"))).toBe("EBUSY");
    expect(fs.lookup("/swapfile")).toBe(file);
    expect(answer(mount.umount(true, "s"))).toBe("ok");
    expect(fs.lookup("/swapfile")).toBeUndefined();
    expect(run(fs.directWrite(file, 0, { generation: 99, owner: file.owner, index: 0 }))).toBeUndefined();
  });
});
