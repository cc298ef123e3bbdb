import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pagestorm } from "./helpers.ts";

let room = "";
beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), "pagestorm-completion-"));
  writeFileSync(join(room, "pagestorm.bash"), (await pagestorm("completion bash")).stdout);
  for (const file of ["a.yaml", "b.yml", "c.json", "with space.yaml", "notes.txt"])
    writeFileSync(join(room, file), "");
  mkdirSync(join(room, "folder"));
});
afterAll(() => rmSync(room, { recursive: true }));

/** What bash offers when the tab key is pressed at the end of the line; words are split as bash splits them. */
function tab(line: string): readonly string[] {
  const words = line.split(/ |(=)/).filter((word) => word !== undefined);
  const script = `
    set -u
    compopt() { :; } # there is no line that is being edited here
    source ./pagestorm.bash
    source ./pagestorm.bash
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    function=$(complete -p pagestorm | sed -E 's/.*-F ([^ ]+).*/\\1/')
    "$function" pagestorm "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    if ((\${#COMPREPLY[@]})); then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;
  const args = ["--norc", "-c", script, "bash", ...words];
  const offered = execFileSync("bash", args, { cwd: room, encoding: "utf8", stdio: "pipe" });
  return offered.split("\n").filter(Boolean);
}

describe("the tab key in bash", () => {
  it.each([
    ["pagestorm comp", ["compare", "completion"]],
    ["pagestorm --ver", ["--version"]],
    ["pagestorm compare --s", ["--strategies", "--seed", "--set"]],
    ["pagestorm compare a.yaml --htm", ["--html"]],
    ["pagestorm run --strategy p", ["partition", "pinned"]],
    ["pagestorm run --strategy=d", ["direct-io"]],
    ["pagestorm compare --strategies bmap,p", ["bmap,partition", "bmap,pinned"]],
    ["pagestorm compare --strategies=b", ["bmap"]],
    ["pagestorm compare --seed ", []],
    ["pagestorm list k", ["kernels"]],
    ["pagestorm init --from ", ["disk-full", "quiet"]],
    ["pagestorm completion ", ["bash", "zsh", "fish"]],
    ["pagestorm help va", ["validate"]],
    ["pagestorm nonsense ", []],
  ])("%s", (line, offered) => {
    expect(tab(line)).toEqual(offered);
  });

  it.each([
    ["pagestorm compare ", ["a.yaml", "b.yml", "folder", "with space.yaml"]],
    ["pagestorm report ", ["c.json", "folder"]],
    ["pagestorm compare a.yaml --json n", ["notes.txt"]],
    ["pagestorm report --html=c", ["c.json"]],
    ["pagestorm compare x", []],
  ])("%s offers files", (line, offered) => {
    expect(tab(line).toSorted()).toEqual(offered);
  });
});

describe("the scripts of other shells", () => {
  it.each(["zsh", "fish"])("%s has every command, option, strategy and scenario", async (shell) => {
    const { stdout } = await pagestorm(`completion ${shell}`);
    for (const word of ["compare", "validate", "strategies", "no-color", "direct-io", "kernels", "disk-full"])
      expect(stdout).toContain(word);
  });

  it("have balanced quotes, whatever the help texts say", async () => {
    const { stdout } = await pagestorm("completion zsh");
    // A colon or bracket in a help text would end it for _arguments.
    expect(stdout).toContain("'list:tells what a scenario can name: parameters");
    expect(stdout).toContain("[writes a report to look at\\: one file");
  });

  it("are refused for a shell that nobody knows", async () => {
    const result = await pagestorm("completion tcsh");
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toBe('completion: found "tcsh", expected one of bash, zsh, fish\n');
  });
});
