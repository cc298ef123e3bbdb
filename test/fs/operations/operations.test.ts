import { describe, expect, it } from "vitest";
import { type Actor, Engine, MIB, type ParameterValues, SimulationBug } from "../../../sim/engine/index.ts";
import type { FileHandle, Filesystem, OperationResult } from "../../../sim/fs/index.ts";
import { operations } from "../../../sim/fs/operations/index.ts";

const DB: FileHandle = { path: "/db", owner: 3, size: 100 };
const DONE: OperationResult = { errno: undefined, achieved: "done", skipped: [] };

type Ioctl = "balance" | "defragment" | "snapshot" | "reflink";

/** A filesystem that only writes down what it was asked, with the file /db and the ioctls named. */
function fakeFilesystem(...ioctls: readonly Ioctl[]) {
  const calls: unknown[][] = [];
  const answer = (name: string) =>
    function* (...args: unknown[]): Actor<OperationResult> {
      calls.push([name, ...args]);
      return DONE;
    };
  const fs = {
    type: "fakefs",
    lookup: (path: string) => (path === DB.path ? DB : undefined),
    sync: answer("sync"),
    unlink: answer("unlink"),
    trim: answer("trim"),
    ...Object.fromEntries(ioctls.map((name) => [name, answer(name)])),
  } as unknown as Filesystem;
  return { fs, calls };
}

const everything: readonly Ioctl[] = ["balance", "defragment", "snapshot", "reflink"];

function run(name: string, args: ParameterValues, ioctls: readonly Ioctl[] = everything) {
  const { fs, calls } = fakeFilesystem(...ioctls);
  const engine = new Engine({ seed: "operations" });
  let result: OperationResult | undefined;
  engine.spawn(
    "timeline",
    (function* () {
      result = yield* operations.require(name).run({ fs, engine, log() {} }, args, "step-1");
    })(),
  );
  engine.run();
  return { result, calls };
}

describe("operations of the timeline", () => {
  it("are these", () => {
    const names = ["balance", "defrag", "snapshot", "reflink", "unlink", "sync", "fstrim"];
    expect(operations.names()).toEqual(names);
  });

  it.each([
    ["balance", {}, ["balance", { type: "data" }, "step-1"]],
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
    ["snapshot", {}, ["snapshot", "/", "/snap-step-1", "step-1"]],
    ["snapshot", { subvolume: "/home", target: "/old" }, ["snapshot", "/home", "/old", "step-1"]],
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
  ])("%s answers EOPNOTSUPP where the filesystem does not have it", (name, args, achieved) => {
    expect(run(name, args, []).result).toEqual({ errno: "EOPNOTSUPP", achieved, skipped: [] });
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
