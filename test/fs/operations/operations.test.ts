import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../../../sim/block/index.ts";
import {
  type Actor,
  Engine,
  GIB,
  MIB,
  type ParameterValues,
  SimulationBug,
} from "../../../sim/engine/index.ts";
import type { FileHandle, Filesystem, OperationResult, SwapControl } from "../../../sim/fs/index.ts";
import { operations } from "../../../sim/fs/operations/index.ts";

const DB: FileHandle = { path: "/db", owner: 3, size: 100 };
const DONE: OperationResult = { errno: undefined, achieved: "done", skipped: [] };

const GROUPS = {
  volume: [
    "balance",
    "pauseBalance",
    "resumeBalance",
    "cancelBalance",
    "addDevice",
    "removeDevice",
    "replaceDevice",
    "resizeDevice",
    "scrub",
    "loseDevice",
  ],
  subvolumes: ["create", "delete", "snapshot", "setReadOnly", "send"],
  fileOperations: [
    "truncate",
    "fallocate",
    "copyRange",
    "link",
    "rename",
    "dedupe",
    "chattr",
    "setCompression",
  ],
  garbageCollection: ["collect", "pin"],
  mountOperations: ["remount", "umount", "freeze", "thaw", "abortTransaction"],
} as const;

/** A filesystem that only writes down what it was asked, with the file /db; `bare` has only what every one has. */
function fakeFilesystem(bare: boolean) {
  const calls: unknown[][] = [];
  const answer = (name: string) =>
    function* (...args: unknown[]): Actor<OperationResult> {
      calls.push([name, ...args]);
      return DONE;
    };
  const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, answer(name)]));
  const groups = Object.fromEntries(Object.entries(GROUPS).map(([group, names]) => [group, all(names)]));
  const fs = {
    type: "fakefs",
    lookup: (path: string) => (path === DB.path ? DB : undefined),
    ...all(["sync", "unlink", "trim"]),
    ...(bare ? {} : { ...groups, ...all(["defragment", "reflink"]) }),
  } as unknown as Filesystem;
  return { fs, calls };
}

const VDB = { name: "vdb" } as BlockDevice;
const VDC = { name: "vdc" } as BlockDevice;

const NO_SWAP = { swap: {} as SwapControl, open: new Map(), interrupt: () => false, *touch() {} };

function run(name: string, args: ParameterValues, bare = false) {
  const { fs, calls } = fakeFilesystem(bare);
  const engine = new Engine({ seed: "operations" });
  const device = (wanted: string) => [VDB, VDC].find((candidate) => candidate.name === wanted);
  const losePower = () => calls.push(["losePower"]);
  let result: OperationResult | undefined;
  engine.spawn(
    "timeline",
    (function* () {
      result = yield* operations
        .require(name)
        .run({ ...NO_SWAP, fs, engine, device, log() {}, losePower }, args, "step-1");
    })(),
  );
  engine.run();
  return { result, calls };
}

describe("operations of the timeline", () => {
  it("are these", () => {
    expect(operations.names().join(" ")).toBe(
      "balance balance-pause balance-resume balance-cancel defrag scrub resize resize-cancel device-add device-remove device-replace device-fail server-restart snapshot subvolume-create subvolume-delete subvolume-set-readonly send subvolume-sync reflink clone-range dedupe copy-range create interleave open read write access truncate fallocate link rename unlink chattr compression sync fstrim gc pin-file freeze thaw remount umount set-property filefrag search-tree mkswap swapon swapoff interrupt memory-limit abort-transaction power-loss",
    );
  });

  it.each([
    ["balance", {}, ["balance", { type: "data" }, "step-1"]],
    ["gc", {}, ["collect", true, "step-1"]],
    ["gc", { foreground: false }, ["collect", false, "step-1"]],
    ["pin-file", { path: "/db" }, ["pin", DB, true]],
    ["pin-file", { path: "/db", pinned: false }, ["pin", DB, false]],
    ["balance", { type: "all" }, ["balance", { type: "all" }, "step-1"]],
    [
      "balance",
      { type: "metadata", usage: 0, limit: 3 },
      ["balance", { type: "metadata", usage: 0, limit: 3 }, "step-1"],
    ],
    ["balance", { vrange: "/db" }, ["balance", { type: "data", vrangeOf: DB }, "step-1"]],
    [
      "balance",
      { vrange: "4096..1073741824" },
      ["balance", { type: "data", vrange: { from: 4096, to: 1_073_741_824 } }, "step-1"],
    ],
    ["defrag", { path: "/db" }, ["defragment", DB, 32 * MIB, "step-1"]],
    ["defrag", { path: "/db", threshold: 4096 }, ["defragment", DB, 4096, "step-1"]],
    ["snapshot", {}, ["snapshot", "/", "/snap-step-1", true, "step-1"]],
    [
      "snapshot",
      { subvolume: "/home", target: "/old", readonly: false },
      ["snapshot", "/home", "/old", false, "step-1"],
    ],
    [
      "balance",
      { type: "all", profiles: "single|dup", usage: 50, usageMin: 10, devid: 2, drange: "0..4096" },
      [
        "balance",
        {
          type: "all",
          profiles: ["single", "dup"],
          usage: 50,
          usageMin: 10,
          devid: 2,
          drange: { from: 0, to: 4096 },
        },
        "step-1",
      ],
    ],
    [
      "balance",
      { convert: "raid1", soft: true, force: true, stripes: "1..2" },
      [
        "balance",
        { type: "data", convert: "raid1", soft: true, force: true, stripes: { from: 1, to: 2 } },
        "step-1",
      ],
    ],
    ["balance-pause", {}, ["pauseBalance"]],
    ["balance-resume", {}, ["resumeBalance", "step-1"]],
    ["balance-cancel", {}, ["cancelBalance"]],
    ["scrub", {}, ["scrub", "step-1"]],
    ["resize", { device: "vdb", size: GIB }, ["resizeDevice", VDB, GIB, "step-1"]],
    ["device-add", { device: "vdb" }, ["addDevice", VDB, "step-1"]],
    ["device-remove", { device: "vdb" }, ["removeDevice", VDB, "step-1"]],
    ["device-fail", { device: "vdb" }, ["loseDevice", VDB, "step-1"]],
    ["device-replace", { device: "vdb", target: "vdc" }, ["replaceDevice", VDB, VDC, "step-1"]],
    ["subvolume-create", { subvolume: "/home" }, ["create", "/home", "step-1"]],
    ["subvolume-delete", { subvolume: "/home" }, ["delete", "/home", "step-1"]],
    ["subvolume-set-readonly", { subvolume: "/home" }, ["setReadOnly", "/home", true, "step-1"]],
    ["send", { subvolume: "/backup" }, ["send", "/backup", "step-1"]],
    ["dedupe", { path: "/db", target: "/db" }, ["dedupe", DB, DB, "step-1"]],
    [
      "copy-range",
      { path: "/db", target: "/db", offset: 4096, length: 8192 },
      ["copyRange", DB, DB, { from: 4096, to: 12_288 }, "step-1"],
    ],
    ["truncate", { path: "/db", size: MIB }, ["truncate", DB, MIB, "step-1"]],
    [
      "fallocate",
      { path: "/db", mode: "punch-hole", length: 4096 },
      ["fallocate", DB, "punch-hole", { from: 0, to: 4096 }, "step-1"],
    ],
    ["link", { path: "/db", target: "/two" }, ["link", DB, "/two", "step-1"]],
    ["rename", { path: "/db", target: "/two" }, ["rename", "/db", "/two", "step-1"]],
    ["chattr", { path: "/db", flag: "+i" }, ["chattr", DB, "+i", "step-1"]],
    ["compression", { path: "/db", method: "zstd" }, ["setCompression", DB, "zstd", "step-1"]],
    ["freeze", {}, ["freeze"]],
    ["thaw", {}, ["thaw"]],
    ["abort-transaction", { error: "ENOSPC" }, ["abortTransaction", "ENOSPC"]],
    ["remount", {}, ["remount", true, "step-1"]],
    ["umount", { lazy: true }, ["umount", true, "step-1"]],
    ["reflink", { path: "/db", target: "/copy" }, ["reflink", DB, "/copy", "step-1"]],
    ["unlink", { path: "/db" }, ["unlink", "/db", "step-1"]],
    ["fstrim", {}, ["trim", "step-1"]],
  ])("%s with %j asks the filesystem once and hands its answer on", (name, args, call) => {
    expect(run(name, args)).toEqual({ result: DONE, calls: [call] });
  });

  it("sync asks for a commit", () => {
    const { result, calls } = run("sync", {});
    expect(calls).toEqual([["sync"]]);
    expect(result?.errno).toBeUndefined();
  });

  it.each([
    ["balance", {}, "fakefs has no balance"],
    ["defrag", { path: "/db" }, "fakefs has no defrag"],
    ["snapshot", {}, "fakefs has no snapshot"],
    ["reflink", { path: "/db", target: "/copy" }, "fakefs has no reflink"],
    ["resize", { device: "vdb", size: GIB }, "fakefs has no resize"],
    ["truncate", { path: "/db", size: 0 }, "fakefs has no truncate"],
    ["freeze", {}, "fakefs has no freeze"],
    ["gc", {}, "fakefs has no garbage collection"],
    ["pin-file", { path: "/db" }, "fakefs has no pins for files"],
    ["power-loss", {}, "fakefs has no power-loss"],
  ])("%s answers EOPNOTSUPP where the filesystem does not have it", (name, args, achieved) => {
    expect(run(name, args, true).result).toEqual({ errno: "EOPNOTSUPP", achieved, skipped: [] });
  });

  it.each([
    ["balance", { vrange: "/none" }],
    ["defrag", { path: "/none" }],
    ["reflink", { path: "/none", target: "/copy" }],
    ["unlink", { path: "/none" }],
  ])("%s answers ENOENT for a file that is not there", (name, args) => {
    const { result, calls } = run(name, args);
    expect(result).toEqual({ errno: "ENOENT", achieved: "there is no file /none", skipped: [] });
    expect(calls).toEqual([]);
  });

  it.each([
    [[], undefined, "fsck found nothing"],
    [["a block has two owners"], "EIO", "a block has two owners"],
  ])("power-loss cuts the power, and tells what a check finds afterwards: %j", (broken, errno, achieved) => {
    const { fs, calls } = fakeFilesystem(false);
    const losePower = () => calls.push(["losePower"]);
    const check = () => broken;
    const context = { fs: { ...fs, recover() {}, check }, engine: new Engine({ seed: "s" }), losePower };
    const running = operations
      .require("power-loss")
      .run({ ...NO_SWAP, ...context, device: () => VDB, log() {} }, {}, "s");
    let turn = running.next();
    while (!turn.done) turn = running.next();
    expect(calls).toEqual([["losePower"]]);
    expect(turn.value).toMatchObject({ errno, achieved: expect.stringContaining(achieved) });
  });

  it("a device that the machine does not have is ENODEV", () => {
    const { result, calls } = run("device-add", { device: "vdx" });
    expect(result).toEqual({ errno: "ENODEV", achieved: "there is no device vdx", skipped: [] });
    expect(calls).toEqual([]);
  });

  it.each(["8..8", "9..8", "8..", "..8", "8-9", "db", "", "1..2..3"])(
    "balance rejects the range %j",
    (vrange) => {
      const { result, calls } = run("balance", { vrange });
      expect(result?.errno).toBe("EINVAL");
      expect(calls).toEqual([]);
    },
  );

  it("trusts that arguments were validated, and says so if they were not", () => {
    expect(() => run("defrag", {})).toThrow(SimulationBug);
    expect(() => run("balance", { usage: "50" })).toThrow(SimulationBug);
  });

  it.each(operations.entries())(
    "$name says what it does, where that comes from and what its arguments mean",
    (entry) => {
      expect(entry.summary).toMatch(/^[A-Z].*\.$/);
      expect(entry.source).not.toBe("");
      for (const parameter of Object.values(entry.parameters)) {
        expect(parameter.meaning).not.toBe("");
        expect(parameter.type === "choice").toBe(parameter.choices !== undefined);
      }
    },
  );
});
