import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Scenario } from "../../../sim/index.ts";
import { shippedFiles } from "../../../src/node/package-files.ts";
import { listKinds } from "../../../src/report/index.ts";
import { FOLDER, read, scenarioOf, shipped } from "./shipped.ts";

/** Variants with the verdicts that the scenario expects of them. */
function verdictsOf({ strategies, expect: expected }: Scenario): (string | undefined)[] {
  return strategies.map(({ name }) => expected[name]);
}

describe("the shipped scenarios", () => {
  it("are all files of their folder, at least eight", () => {
    expect(shipped.map(({ name }) => `${name}.yaml`)).toEqual(readdirSync(FOLDER).toSorted());
    expect(shipped.length).toBeGreaterThanOrEqual(8);
  });

  it.each(shipped)("$name has no problem, and expects a verdict of every strategy", ({ name, text }) => {
    expect(verdictsOf(read(`${name}.yaml`, text))).not.toContain(undefined);
  });

  it.each(shipped)("$name says on top whose situation it is and what to expect", ({ text }) => {
    const top = text.slice(0, text.search(/^[^#]/m));
    expect(top).toMatch(/^# yaml-language-server: .*\n#\n# Whose situation: [\s\S]+\n#\n# What to expect: /);
  });

  it("have names of their own, and each stands in the README", () => {
    const readme = readFileSync(join(FOLDER, "../../README.md"), "utf8");
    for (const { name } of shipped) expect(readme).toContain(`| \`${name}\` |`);
    const titles = shipped.map(({ name, text }) => read(`${name}.yaml`, text).name);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("show more than four times what sets the three ways apart, and one control", () => {
    const all = shipped.map(({ name }) => scenarioOf(name));
    const apart = all.filter(({ expect: verdicts }) => {
      return (
        [verdicts["bmap"], verdicts["pinned"], verdicts["direct-io"]].join() === "corrupt,correct,correct"
      );
    });
    expect(apart.length).toBeGreaterThan(4);
    expect(
      all.filter((scenario) => verdictsOf(scenario).every((verdict) => verdict === "inconclusive")),
    ).toHaveLength(1);
  });
});

describe("the scenario that init writes", () => {
  it("explains every part of a scenario but the tests' own", () => {
    for (const key of [
      "machine",
      "storage",
      "filesystem",
      "swap",
      "strategies",
      "tasks",
      "timeline",
      "expect",
    ])
      expect(shippedFiles.starter()).toMatch(new RegExp(`^# .*\\n${key}:`, "m"));
  });

  it("sends nobody to a list that there is not", () => {
    const kinds = [...shippedFiles.starter().matchAll(/pagestorm list ([a-z]+)/g)].map((match) => match[1]!);
    expect(kinds.length).toBeGreaterThan(4);
    expect(listKinds()).toEqual(expect.arrayContaining(kinds));
  });
});
