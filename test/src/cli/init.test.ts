import { describe, expect, it } from "vitest";
import { pagestorm } from "./helpers.ts";

describe("pagestorm init", () => {
  it.each([
    ["my", "my.yaml", "my"],
    ["my.yaml", "my.yaml", "my"],
    ["my.yml", "my.yml", "my"],
    ["folder/my.case", "folder/my.case.yaml", "my.case"],
    ["2014", "2014.yaml", '"2014"'],
  ])("%s writes %s", async (name, path, called) => {
    const result = await pagestorm(`init ${name}`);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toContain(`pagestorm compare ${path}\n`);
    expect(result.files).toEqual([{ path, text: `# All about it.\nname: ${called}\nseed: 1\n` }]);
  });

  it("begins with a shipped scenario, without the line that only holds in the package", async () => {
    const { files } = await pagestorm("init my --from disk-full");
    expect(files).toEqual([
      { path: "my.yaml", text: "# Whose situation: an SRE\n# of yours.\n#\n# More.\nname: my\n" },
    ]);
    expect((await pagestorm("init my --from disk-full.yaml")).files).toEqual(files);
  });

  it("tells which scenarios are shipped", async () => {
    const { exitCode, stdout, files } = await pagestorm("init --list");
    expect({ exitCode, files }).toEqual({ exitCode: 0, files: [] });
    expect(stdout).toContain("  disk-full\n    an SRE of yours.\n  quiet\n    nobody's.\n");
  });

  it.each([
    ["init", "init: found nothing, expected the name of the file to write\n"],
    ["init folder/", 'init: found "folder/", expected the name of the file to write\n'],
    ["init .yaml", 'init: found ".yaml", expected the name of the file to write\n'],
    ["init ..", 'init: found "..", expected the name of the file to write\n'],
    ["init taken", "init: taken.yaml: it exists already; choose another name or remove it\n"],
    ["init taken.yaml", "init: taken.yaml: it exists already; choose another name or remove it\n"],
    ["init /nowhere/my", "init: /nowhere/my.yaml: there is no such directory\n"],
    [
      "init my --from diskfull",
      '--from: found "diskfull" (did you mean "disk-full"?), expected one of disk-full, quiet\n',
    ],
  ])("%s is refused", async (line, stderr) => {
    expect(await pagestorm(line)).toMatchObject({ exitCode: 2, stdout: "", stderr, files: [] });
  });
});
