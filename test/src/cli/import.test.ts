import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readData } from "../../../src/node/data-files.ts";
import { textFiles } from "../../../src/node/files.ts";
import { pagestorm } from "./helpers.ts";

const DUMP = `${import.meta.dirname}/../import/dumps/1-fresh-active`;
const room = mkdtempSync(join(tmpdir(), "pagestorm-import-"));
afterAll(() => rmSync(room, { recursive: true }));

/** The scenario made of the dump when all of its texts are plain, or all gzipped; names of files left out. */
async function imported(folder: "plain" | "gzipped"): Promise<string> {
  mkdirSync(join(room, folder));
  const { paths } = textFiles(DUMP) as { readonly paths: readonly string[] };
  for (const path of paths) {
    const bytes = readFileSync(path);
    const text = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    const name = basename(path, ".gz");
    if (folder === "plain") writeFileSync(join(room, folder, name), text);
    else writeFileSync(join(room, folder, `${name}.gz`), gzipSync(text));
  }
  const { exitCode, stdout } = await pagestorm(`import ${join(room, folder)}`, {
    ports: { textFiles, readData },
  });
  expect(exitCode).toBe(0);
  return stdout.replaceAll(join(room, folder), "").replaceAll(".gz", "");
}

describe("pagestorm import", () => {
  it("makes the same scenario of plain and of gzipped texts, as its help says", async () => {
    const scenario = await imported("gzipped");
    expect(scenario).toContain("/usage.txt:");
    expect(scenario).toBe(await imported("plain"));
    expect((await pagestorm("import --help")).stdout).toMatch(/gzipped\s+as\s+\*\.txt\.gz/);
  });
});
