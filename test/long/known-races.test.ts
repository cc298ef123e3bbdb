import { describe, expect, it } from "vitest";
import { objections, races } from "../support/races.ts";

describe.each(races.map((race) => ({ name: race.name, race })))("$name, fix on,", ({ race }) => {
  it("holds in all schedules with two preemptions, and swap works", { timeout: 300_000 }, () => {
    expect(objections(race, 2, 20_000)).toEqual([]);
  });
});
