import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkBans,
  checkImports,
  checkLength,
  findImportCycle,
  type SourceFile,
} from "./support/tidy-rules.ts";

const ROOT = join(import.meta.dirname, "..");

function filesUnder(folder: string, extension: RegExp): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => extension.test(name))
    .map((name) => {
      const path = `${folder}/${name}`.replaceAll("\\", "/");
      return { path, text: readFileSync(join(ROOT, path), "utf8") };
    });
}

const source = ["sim", "workloads", "src"].flatMap((folder) => filesUnder(folder, /\.ts$/));
const all = [...source, ...filesUnder("test", /\.ts$/)];

describe("the source", () => {
  it("keeps the import law", () => {
    expect(source.flatMap(checkImports)).toEqual([]);
  });

  it("uses nothing that is banned", () => {
    expect(all.flatMap(checkBans)).toEqual([]);
  });

  it("has files of one concept each", () => {
    expect(all.flatMap(checkLength)).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(findImportCycle(source)).toBeUndefined();
  });

  it("names no machine's paths", () => {
    const texts = [...all, ...filesUnder("workloads", /\.(yaml|md)$/), ...filesUnder("docs", /\.(md|json)$/)];
    const machinePath = new RegExp(["/wo", "rk/|\\.\\./sha", "red/"].join(""));
    expect(texts.filter(({ text }) => machinePath.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe("the rules themselves find", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  it.each([
    [
      "a lower layer that imports a higher one",
      "sim/fs/a.ts",
      'import { x } from "../swap/index.ts";',
      "may not know sim/swap",
    ],
    [
      "a way around the index",
      "sim/fs/a.ts",
      'import { x } from "../block/bio.ts";',
      "enter sim/block by its index.ts",
    ],
    ["btrfs importing ext4", "sim/fs/btrfs/a.ts", 'import { x } from "../ext4/b.ts";', "are separate"],
    [
      "a layer that imports the oracle",
      "sim/mm/a.ts",
      'import { x } from "../oracle/index.ts";',
      "may not know sim/oracle",
    ],
    ["node outside src/node", "src/cli/a.ts", 'import { x } from "node:fs";', "only src/node"],
    [
      "src reaching into a layer",
      "src/cli/a.ts",
      'import { x } from "../../sim/mm/index.ts";',
      "may not know sim/mm",
    ],
  ])("%s", (_name, path, text, finding) => {
    expect(checkImports(file(path, text)).join()).toContain(finding);
  });

  it("nothing wrong with imports inside a layer, or of shared types", () => {
    expect(checkImports(file("sim/fs/btrfs/a.ts", 'import { x } from "../free-space.ts";'))).toEqual([]);
    expect(checkImports(file("sim/mm/a.ts", 'import type { x } from "../result.ts";'))).toEqual([]);
  });

  it.each([
    "Math.random()",
    "Date.now()",
    "Math.log(2)",
    "await x",
    "x ** y",
    "list.sort()",
    `y as ${"any"}`,
  ])("%s", (code) => {
    expect(checkBans(file("sim/engine/a.ts", code))).toHaveLength(1);
  });

  it("an import cycle", () => {
    const cycle = [
      file("sim/a.ts", 'import { b } from "./b.ts";'),
      file("sim/b.ts", 'import { a } from "./a.ts";'),
    ];
    expect(findImportCycle(cycle)).toBe("sim/a.ts -> sim/b.ts -> sim/a.ts");
  });

  it("a file that is too long", () => {
    expect(checkLength(file("sim/a.ts", "\n".repeat(501)))).toHaveLength(1);
    expect(checkLength(file("sim/a.ts", "\n".repeat(500)))).toEqual([]);
  });
});
