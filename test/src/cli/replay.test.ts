import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../../src/cli/index.ts";
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
