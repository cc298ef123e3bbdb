import { describe, expect, it } from "vitest";
import { listed, listKinds } from "../../../src/report/index.ts";
import { pagestorm } from "./helpers.ts";

describe("pagestorm list", () => {
  it("tells one entry in full and no other of its kind", async () => {
    const { stdout, exitCode } = await pagestorm("list operations fstrim");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^operations\n\n {2}fstrim\n/);
    expect(stdout).toContain("source: ");
    expect(stdout).not.toContain("balance");
  });

  it.each(listKinds().filter((kind) => kind !== "rules"))(
    "finds an entry of %s by its name, also as JSON",
    async (kind) => {
      const { name } = listed([kind])[kind]![0]!;
      const { stdout } = await pagestorm(`list ${kind} ${name} --json`);
      const { schema, ...found } = JSON.parse(stdout);
      expect(schema).toBe("pagestorm/list/1");
      expect(found).toEqual({ [kind]: [expect.objectContaining({ name })] });
    },
  );

  it("tells all rules of an operation, because a rule has no name of its own", async () => {
    const rules = JSON.parse((await pagestorm("list rules unlink --json")).stdout).rules;
    expect(rules.length).toBeGreaterThan(1);
    for (const { name } of rules) expect(name).toMatch(/^unlink \(\d+\)$/);
  });

  it.each([
    ["operatons", 'list: found "operatons" (did you mean "operations"?), expected one of strategies, '],
    [
      "operations fstrm",
      'list: found "fstrm" (did you mean "fstrim"?), expected a name that pagestorm list operations tells\n',
    ],
    ["kernels zzz", 'list: found "zzz", expected a name that pagestorm list kernels tells\n'],
  ])("%s is wrong use", async (words, message) => {
    const { exitCode, stdout, stderr } = await pagestorm(`list ${words}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
