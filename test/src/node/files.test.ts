import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exists, placeOf, readText, whyNotWritable, writeAtomically } from "../../../src/node/files.ts";
import { traceReader } from "../../../src/node/trace-files.ts";

let room = "";
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "pagestorm-test-"));
});
afterEach(() => rmSync(room, { recursive: true }));

describe("writing a file", () => {
  it("replaces what was there and leaves nothing else", () => {
    const path = join(room, "out.json");
    writeAtomically(path, "old");
    writeAtomically(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(room)).toEqual(["out.json"]);
  });

  it("leaves nothing behind when it fails, and the old file as it was", () => {
    mkdirSync(join(room, "taken"));
    writeFileSync(join(room, "taken", "inside"), "");
    expect(() => writeAtomically(join(room, "taken"), "text")).toThrow();
    expect(readdirSync(room)).toEqual(["taken"]);
    expect(() => writeAtomically(join(room, "no", "out.json"), "text")).toThrow();
    expect(readdirSync(room)).toEqual(["taken"]);
  });

  it("follows a link and leaves it a link", () => {
    writeFileSync(join(room, "target.json"), "old");
    symlinkSync("target.json", join(room, "link.json"));
    writeAtomically(join(room, "link.json"), "new");
    expect(readFileSync(join(room, "target.json"), "utf8")).toBe("new");
    expect(lstatSync(join(room, "link.json")).isSymbolicLink()).toBe(true);
  });

  it("writes to what is no file, and leaves it what it is", () => {
    execFileSync("mkfifo", [join(room, "pipe")]);
    const reader = openSync(join(room, "pipe"), constants.O_RDONLY | constants.O_NONBLOCK);
    writeAtomically(join(room, "pipe"), "text");
    const read = Buffer.alloc(10);
    expect(read.toString("utf8", 0, readSync(reader, read))).toBe("text");
    closeSync(reader);
    expect(lstatSync(join(room, "pipe")).isFIFO()).toBe(true);
    expect(whyNotWritable(join(room, "pipe"))).toBeUndefined();
  });

  it("knows one place by all its names", () => {
    writeFileSync(join(room, "file"), "");
    symlinkSync(room, join(room, "here"));
    const names = ["file", "./file", "here/file", "here/here/file"].map((name) => placeOf(join(room, name)));
    expect(new Set(names).size).toBe(1);
    expect(placeOf(join(room, "here/new"))).toBe(placeOf(join(room, "new")));
    expect(placeOf(join(room, "new"))).not.toBe(names[0]);
  });

  it("can be asked about before", () => {
    expect(whyNotWritable(join(room, "out.json"))).toBeUndefined();
    expect(whyNotWritable(join(room, "no", "out.json"))).toBe("there is no such file or directory");
    expect(whyNotWritable(room)).toBe("it is a directory");
  });
});

describe("what is there", () => {
  it("is told of files, folders and links to nothing", () => {
    writeFileSync(join(room, "file"), "");
    symlinkSync(join(room, "no"), join(room, "link"));
    expect(["file", ".", "link", "no"].map((name) => exists(join(room, name)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("reading a file", () => {
  it("gives the text or says why not", () => {
    writeFileSync(join(room, "s.yaml"), "name: x\n");
    expect(readText(join(room, "s.yaml"))).toEqual({ text: "name: x\n" });
    expect(readText(join(room, "t.yaml"))).toEqual({ problem: "there is no such file or directory" });
    expect(readText(room)).toEqual({ problem: "it is a directory" });
  });
});

describe("trace files", () => {
  const TRACE = "I  04000000,3\n S 1ffeff7000,8\n L 1ffeff7008,8\n M 04001000,4\n";

  function accessesOf(name: string): readonly number[] | string {
    const trace = traceReader(join(room, "scenarios", "s.yaml"))(name);
    if ("found" in trace) return `${trace.found}; expected ${trace.expected}`;
    const batch = new Uint32Array(100);
    return [...batch.subarray(0, trace.open().fill(batch))];
  }

  it("are looked for beside the scenario, plain or gzipped", () => {
    mkdirSync(join(room, "traces"));
    writeFileSync(join(room, "traces", "a.lackey"), TRACE);
    writeFileSync(join(room, "traces", "a.lackey.gz"), gzipSync(TRACE));
    const accesses = accessesOf("../traces/a.lackey");
    expect(accesses).toHaveLength(4);
    expect(accessesOf("../traces/a.lackey.gz")).toEqual(accesses);
  });

  it("that are missing, cut off or no traces are problems and no exceptions", () => {
    const whole = gzipSync(TRACE);
    mkdirSync(join(room, "scenarios"));
    writeFileSync(join(room, "scenarios", "cut.gz"), whole.subarray(0, whole.length - 6));
    writeFileSync(join(room, "scenarios", "text"), "this is no trace\n");
    expect(accessesOf("no.gz")).toMatch(/no\.gz, but there is no such file/);
    expect(accessesOf("cut.gz")).toMatch(/at byte \d+ of .*cut\.gz; expected/);
    expect(accessesOf("text")).toMatch(/at line 1 of/);
  });

  it("are recorded programs of the package where the scenario has no file of that name", () => {
    const recorded = traceReader(join(room, "s.yaml"))("sort.lackey.gz");
    expect("open" in recorded && recorded.open().pages).toBe(992);
    expect(accessesOf("unsort.lackey.gz")).toMatch(/or one of .*sort\.lackey\.gz/);
    mkdirSync(join(room, "scenarios"));
    writeFileSync(join(room, "scenarios", "sort.lackey.gz"), gzipSync(TRACE));
    expect(accessesOf("sort.lackey.gz")).toHaveLength(4);
  });

  it("are read once, however many tasks name them", () => {
    mkdirSync(join(room, "scenarios"));
    writeFileSync(join(room, "scenarios", "a"), TRACE);
    const read = traceReader(join(room, "scenarios", "s.yaml"));
    expect(read("a")).toBe(read("./a"));
  });
});
