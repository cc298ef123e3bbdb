import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** The one block of code in the section "As a library". */
function example(): string {
  const section = /^## As a library\n([\s\S]*?)^## /m.exec(
    readFileSync(join(ROOT, "README.md"), "utf8"),
  )?.[1];
  const blocks = [...(section ?? "").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  expect(blocks).toHaveLength(1);
  return blocks[0]!;
}

let room = "";

/** Compiles what `config` says and returns what the compiler complains of. */
function tsc(folder: string, config: object): string {
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(ROOT, "node_modules/typescript/lib/tsc.js");
  try {
    return execFileSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

/** The package as `npm install` would put it, compiled afresh, so that no old build is tested. */
function installPackage(): void {
  const home = join(room, "package");
  mkdirSync(home);
  mkdirSync(join(room, "user/node_modules"), { recursive: true });
  symlinkSync(home, join(room, "user/node_modules/pagestorm"));
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  writeFileSync(join(home, "package.json"), readFileSync(join(ROOT, "package.json")));
  const complaints = tsc(home, {
    extends: join(ROOT, "tsconfig.base.json"),
    compilerOptions: { rootDir: ROOT, outDir: "dist", composite: false, declaration: true },
    files: [join(ROOT, "src/index.ts"), join(ROOT, "sim/engine/seedrandom-alea.d.ts")],
  });
  expect(complaints).toBe("");
}

/** The example with one thing wrong, and what the compiler must complain of. */
const WRONG: readonly (readonly [right: string, wrong: string, complaint: RegExp])[] = [
  ['memory: "64MiB"', 'memory: "64MB"', /"64MB".*not assignable to type 'Size'/],
  ['duration: "10s"', "duration: 10", /'10' is not assignable to type 'TimeSpan'/],
  ['rate: "200/s"', "rate: 200", /'number' is not assignable to type '`\$\{number\}\/s`'/],
  ["swap: [", "swop: [", /'swop' does not exist in type 'ScenarioFile'/],
  ['{ path: "/swapfile" }', '{ file: "/swapfile" }', /'file' does not exist in type/],
  ["operations[0]?.result", "operations[0].result", /Object is possibly 'undefined'/],
];

let complaints = "";

beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), "pagestorm-library-"));
  installPackage();
  const home = join(room, "user");
  writeFileSync(join(home, "package.json"), '{ "type": "module" }');
  writeFileSync(join(home, "example.ts"), example());
  for (const [index, [right, wrong]] of WRONG.entries())
    writeFileSync(join(home, `wrong-${index}.ts`), example().replace(right, wrong));
  // The user's program is compiled as strictly as may be, the declarations of the package with it.
  complaints = tsc(home, {
    compilerOptions: {
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    },
  });
});
afterAll(() => rmSync(room, { recursive: true }));

/** What the compiler says of one file. */
const complaintsOf = (file: string): string[] =>
  complaints.split("\n").filter((line) => line.includes(`${file}.ts(`));

describe("the example of the README", () => {
  it("compiles, runs and shows what it promises", () => {
    expect(complaintsOf("example")).toEqual([]);
    const output = execFileSync(process.execPath, [join(room, "user/example.js")], { encoding: "utf8" });
    expect(output.trim().split("\n")).toEqual([
      "bmap: corrupt, the snapshot answers ok",
      "pinned: correct, the snapshot answers ETXTBSY",
      "direct-io(file=cow): correct, the snapshot answers ok",
    ]);
  });

  it("finds all types that the package declares", () => {
    const others = complaints
      .split("\n")
      .filter((line) => /^\S.*error/.test(line) && !/\bwrong-\d/.test(line));
    expect(others).toEqual([]);
  });

  it.each(WRONG)("with %s written %s does not compile", (right, wrong, complaint) => {
    const index = WRONG.findIndex((each) => each[1] === wrong);
    expect(example()).toContain(right);
    expect(complaintsOf(`wrong-${index}`).join()).toMatch(complaint);
  });
});

describe("the errors that the README shows", () => {
  const rows = (file: string): readonly string[] =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .filter((line) => /^\| \w[\w.]* \| [AB] \|/.test(line));

  it("are those that validate has written", () => {
    expect(rows("README.md").length).toBeGreaterThan(5);
    expect(rows("docs/fidelity.md")).toEqual(expect.arrayContaining([...rows("README.md")]));
  });
});
