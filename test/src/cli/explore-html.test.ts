import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../../src/cli/index.ts";
import { hashOfText } from "../../../src/explore/index.ts";
import { SELF_LOCK, SELF_LOCK_STRATEGY } from "../../support/schedules.ts";
import { BASIC, explorer } from "./explorer.ts";

/** The data inside a page. */
function dataOf({ files }: CommandResult, path: string): { readonly [key: string]: unknown } {
  const page = files.find((file) => file.path === path)?.text ?? "";
  const [, json = "null"] =
    /<script type="application\/json" id="exploration">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(json);
}

describe("--html", () => {
  it("of explore writes a page even if nothing was found", async () => {
    const result = await explorer(
      "explore s.yaml --strategy pinned --search round-robin --schedules 1 --html p.html",
    );
    expect(result.exitCode).toBe(0);
    expect(dataOf(result, "p.html")).toMatchObject({ scenario: "s.yaml", coverage: { schedules: 1 } });
    expect(dataOf(result, "p.html")).not.toHaveProperty("schedule");
  });

  it("of explore has the counter-example, and the line that repeats it gives the same page", async () => {
    const found = await explorer(
      `explore s.yaml --strategy ${SELF_LOCK_STRATEGY} --search round-robin --schedules 1 --html p.html`,
      SELF_LOCK,
    );
    expect(found.exitCode).toBe(1);
    const { schedule, sentence } = dataOf(found, "p.html") as {
      schedule: { replay: string; rows: object[] };
      sentence: string;
    };
    const again = await explorer(`replay ${schedule.replay} --html again.html`, SELF_LOCK);
    expect(again.stderr).toBe("");
    const { size: _, ...rest } = schedule as { size?: string };
    expect(dataOf(again, "again.html")).toMatchObject({ verdict: "violated", sentence, schedule: rest });
  });

  it("of replay writes a page about a schedule that violates nothing", async () => {
    const result = await explorer(`replay ps1:s.yaml:${hashOfText(BASIC)}:bmap::: --html p.html`);
    expect(result.exitCode).toBe(0);
    expect(dataOf(result, "p.html")).toMatchObject({ verdict: "not violated", schedule: { chances: [] } });
  });

  it.each([
    "explore s.yaml --strategy bmap --html /nowhere/p.html",
    `replay ps1:s.yaml:${hashOfText(BASIC)}:bmap::: --html /nowhere/p.html`,
  ])("says before a long run that a file cannot be written: %s", async (line) => {
    const result = await explorer(line);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("--html: /nowhere/p.html: there is no such directory");
  });

  it.each(["html", "save"])(
    "is one page about one machine: --%s and --enumerate do not go together",
    async (option) => {
      const result = await explorer(`explore s.yaml --strategy bmap --enumerate 1 --${option} p`);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain(`--${option}: found together with --enumerate`);
    },
  );
});
