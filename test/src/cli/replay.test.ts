import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../../src/cli/index.ts";
import { hashOfText } from "../../../src/explore/index.ts";
import { shipped } from "../../explore/support.ts";
import { SELF_LOCK, SELF_LOCK_STRATEGY } from "../../support/schedules.ts";
import { explorer } from "./explorer.ts";

/** The file that explore saves at `path` when it has found the lock in a scenario at `scenario`. */
async function saved(path: string, scenario: string): Promise<string> {
  const line = `explore ${scenario} --strategy ${SELF_LOCK_STRATEGY} --search round-robin --schedules 1`;
  const { files } = await explorer(`${line} --save ${path}`, "", { [scenario]: SELF_LOCK });
  return files[0]!.text;
}

/** Replays a schedule in a world that has no other files but those. */
function replay(schedule: string, files: Readonly<Record<string, string>>): Promise<CommandResult> {
  return explorer(`replay ${schedule}`, "", files);
}

describe("the scenario of a saved schedule", () => {
  it("is named as seen from the schedule, so that it is found from everywhere", async () => {
    const schedule = await saved("found/f.yaml", "mine/x.yaml");
    expect(schedule).toContain("\nscenario: ../mine/x.yaml\n");
    for (const [here, there] of [
      ["found/f.yaml", "mine/x.yaml"],
      ["f.yaml", "../mine/x.yaml"],
      ["/home/found/f.yaml", "/home/mine/x.yaml"],
    ] as const) {
      const { exitCode, stderr } = await replay(here, { [here]: schedule, [there]: SELF_LOCK });
      expect([exitCode, stderr]).toEqual([1, ""]);
    }
  });

  it("that was named from the root is so named", async () => {
    const schedule = await saved("found/f.yaml", "/mine/x.yaml");
    const { exitCode, stderr } = await replay("f.yaml", { "f.yaml": schedule, "/mine/x.yaml": SELF_LOCK });
    expect([exitCode, stderr]).toEqual([1, ""]);
  });

  it("may be named from where the command runs, or lie beside the schedule", async () => {
    const schedule = await saved("f.yaml", "mine/x.yaml");
    for (const there of ["mine/x.yaml", "moved/x.yaml"]) {
      const files = { "moved/f.yaml": schedule, [there]: SELF_LOCK };
      const { exitCode, stderr } = await replay("moved/f.yaml", files);
      expect([exitCode, stderr]).toEqual([1, ""]);
    }
  });

  it("is the one that was explored if several lie where it may be", async () => {
    const schedule = await saved("f.yaml", "mine/x.yaml");
    const other = SELF_LOCK.replace("name: a page", "name: another page");
    const files = { "f.yaml": schedule, "mine/x.yaml": other, "x.yaml": SELF_LOCK };
    expect((await replay("f.yaml", files)).stderr).toBe("");
    expect((await replay("f.yaml", { ...files, "x.yaml": other })).stderr).toContain(
      "mine/x.yaml is not the file it was",
    );
  });

  it("is wrong input if it is nowhere, and every place that was tried is told", async () => {
    const schedule = await saved("f.yaml", "mine/x.yaml");
    const { exitCode, stderr } = await replay("moved/f.yaml", { "moved/f.yaml": schedule });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`moved/f.yaml: scenario: found mine/x.yaml, expected a scenario file at one of
  moved/mine/x.yaml: there is no such file
  mine/x.yaml: there is no such file
  moved/x.yaml: there is no such file
`);
  });
});

describe("what a replay ends with", () => {
  it("explains what a generation is if it speaks of one", async () => {
    const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
    const files = {
      "f.yaml": read("test/fixtures/schedules/KB-08-balance-against-a-write-in-place.yaml"),
      "KB-08-balance-against-a-write-in-place.yaml": shipped("KB-08-balance-against-a-write-in-place"),
    };
    expect((await replay("f.yaml", files)).stdout).toMatch(
      /expected generation \d+\nA generation is the number of a write: .+\.\n$/,
    );
    const schedule = await saved("g.yaml", "x.yaml");
    const { stdout } = await replay("g.yaml", { "g.yaml": schedule, "x.yaml": SELF_LOCK });
    expect(stdout).not.toContain("generation");
  });
});

describe("a replay that is not the run that was saved", () => {
  const replayed = async (change: (schedule: string) => string, options = ""): Promise<CommandResult> => {
    const schedule = await saved("f.yaml", "x.yaml");
    return replay(`f.yaml ${options}`, { "f.yaml": change(schedule), "x.yaml": SELF_LOCK });
  };

  it("ends with 2 when the machine stands elsewhere, and says at which step and line", async () => {
    const { exitCode, stdout, stderr } = await replayed((text) =>
      text.replace(/stops: .+/, "stops: elsewhere"),
    );
    expect(exitCode).toBe(2);
    expect(stdout).toContain("I5 is violated");
    expect(stderr).toMatch(
      /^diverged at step \d+, line 1 of the schedule: \S+ stands before .+, not before elsewhere\n$/,
    );
  });

  it("ends with 2 when a line asks for somebody who never comes", async () => {
    const { exitCode, stderr } = await replayed((text) =>
      text.replace(/schedule:\n[\s\S]*/, "schedule: [{ run: x }]"),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain("line 1 of the schedule: x takes no step");
  });

  it("ends with 2 when the violation does not come", async () => {
    const mended = (text: string): string => text.replace("patch1=false", "patch1=true");
    const { exitCode, stderr } = await replayed((text) =>
      mended(text).replace(/schedule:\n[\s\S]*/, "schedule: []"),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^violation: found none, expected I5 \(deadlocked in .+\) as when the schedule was saved\n$/,
    );
  });

  it("ends with 2 when another violation comes", async () => {
    const { exitCode, stderr } = await replayed((text) => text.replace(/kind: .+/, "kind: A"));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^violation: found I5 \(deadlocked in .+\), expected I5 \(A\)/);
  });

  it("ends with 0 or 1 when the schedule does not say what it violates", async () => {
    const unsaid = (text: string): string =>
      text.replace(/violates:\n( .+\n)+/, "").replace(/schedule:\n[\s\S]*/, "schedule: []");
    expect((await replayed(unsaid)).exitCode).toBe(1);
    const mended = await replayed((text) => unsaid(text).replace("patch1=false", "patch1=true"));
    expect([mended.exitCode, mended.stderr]).toEqual([0, ""]);
  });

  it("makes no page, and says so", async () => {
    const { files, stderr } = await replayed((text) => text.replace(/kind: .+/, "kind: A"), "--html p.html");
    expect(files).toEqual([]);
    expect(stderr).toContain("--html: p.html was not written: the run is not the one that was saved\n");
  });

  it.each([
    ["9", "diverged at choice 1 of the line: 9 is not possible"],
    ["500z.1", /^diverged at choice \d+ of the line: the run ends with choice \d+$/m],
  ])("ends with 2 when a line makes a choice that there is not: %s", async (choices, problem) => {
    const strategy = encodeURIComponent(SELF_LOCK_STRATEGY);
    const line = `ps1:x.yaml:${hashOfText(SELF_LOCK)}:${strategy}:::${choices}`;
    const { exitCode, stderr } = await replay(line, { "x.yaml": SELF_LOCK });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(problem);
  });
});
