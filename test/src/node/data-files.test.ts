import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readData } from "../../../src/node/data-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pagestorm-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Uint8Array) {
  const path = join(folder, "data");
  writeFileSync(path, content);
  return readData(path);
}

const TEXT = Array.from({ length: 2000 }, (_, line) => `line ${line * 7919}`).join("\n");

describe("a data file", () => {
  it("is read plain or compressed, whatever it is called", () => {
    expect(read(TEXT)).toEqual({ text: TEXT });
    expect(read(gzipSync(TEXT))).toEqual({ text: TEXT });
  });

  it("may be empty", () => {
    expect(read("")).toEqual({ text: "" });
  });

  it("that was cut off gives what is there, and says so", () => {
    const packed = gzipSync(TEXT);
    const result = read(packed.subarray(0, Math.floor(packed.length / 2)));
    expect(result).toMatchObject({ damage: expect.stringContaining("end of file") });
    const text = "text" in result ? result.text : "";
    expect(text.length).toBeGreaterThan(100);
    expect(TEXT.startsWith(text)).toBe(true);
  });

  it("that is damaged inside is a problem", () => {
    const packed = gzipSync(TEXT);
    packed.fill(0xff, 20, 60);
    expect(read(packed)).toMatchObject({ problem: expect.stringMatching(/^it is no sound gzip file: /) });
  });

  it("that is not there is a problem", () => {
    expect(readData(join(folder, "nothing"))).toEqual({ problem: "there is no such file or directory" });
  });
});
