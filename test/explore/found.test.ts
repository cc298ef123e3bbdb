import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { execute, ScheduleGuide, violationOf, without } from "../../sim/index.ts";
import { hashOfText, readReplayFile } from "../../src/explore/index.ts";
import { scene } from "../support/scene.ts";

const folder = new URL("../fixtures/schedules/", import.meta.url);

describe("a counter-example that was found once", () => {
  it.each(readdirSync(folder).toSorted((a, b) => a.localeCompare(b, "en")))(
    "%s still shows it, step by step",
    (name) => {
      const { replay, problems } = readReplayFile(name, readFileSync(new URL(name, folder), "utf8"));
      if (!replay) throw new Error(problems.join("\n"));
      const text = readFileSync(new URL(replay.scenario, folder), "utf8");
      expect(hashOfText(text)).toBe(replay.hash);
      const { scenario, variant } = scene(text, replay.strategy, { toggles: replay.toggles });
      const guide = new ScheduleGuide(replay.schedule);
      const execution = execute(without(scenario, replay.without), variant, guide);
      guide.finish(execution.steps);
      expect(guide.divergence).toBeUndefined();
      expect(violationOf(execution)?.kind).toBe(replay.violates?.kind);
    },
  );
});
