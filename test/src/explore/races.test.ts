import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { measureRace, type RaceRow, racesPage } from "../../../src/explore/index.ts";

const FILE = join(import.meta.dirname, "../../../workloads/explore/KB-33-allocations-of-swapon.yaml");
const TEXT = readFileSync(FILE, "utf8");
const effort = { seeds: ["1", "2", "3"], schedulesMax: 300, onlyScheduled: false };

describe("what it takes to find a race", () => {
  it("is schedules to the first violation by search, how small it gets, and how many hold with the fix on", () => {
    const [row] = measureRace({ file: "race.yaml", text: TEXT, ...effort }, catalogue);
    expect(row).toMatchObject({ bug: "KB-33", strategy: "pinned", toFirst: { bounded: expect.any(Number) } });
    expect(row?.toFirst).not.toHaveProperty("round-robin");
    expect(row?.shrunk?.rows).toBeLessThanOrEqual(row!.found!.rows);
    expect(row?.held).toBeGreaterThan(1);
  });

  it("is not told of a fix that does not hold", () => {
    // The fix is what is to be had without the toggle, so it stays off if that is called the fix.
    const text = TEXT.replace(/fix: \{ on: .*\}/, "fix: { off: [noZeroPagesTest] }");
    expect(() => measureRace({ file: "race.yaml", text, ...effort }, catalogue)).toThrow(
      /under pinned, fix on: found I\d violated \(.+\), expected that it holds/,
    );
  });

  it("cannot be told of a scenario that is about no bug", () => {
    const text = TEXT.replace(/^bug:\n(?: .*\n)+/m, "");
    expect(() => measureRace({ file: "race.yaml", text, ...effort }, catalogue)).toThrow(
      "race.yaml: found no bug:, expected a scenario of a known bug",
    );
  });
});

describe("the page of the races", () => {
  const row: RaceRow = {
    ...{ bug: "KB-99", title: "a race", strategy: "pinned" },
    toFirst: { bounded: 5, pct: undefined },
    found: { rows: 9, switches: 2 },
    shrunk: { rows: 4, switches: 1 },
    held: undefined,
  };

  it("has a line for each bug and strategy, with a dash for what was not found or not tried to the end", () => {
    const page = racesPage([row], effort);
    expect(page).toContain(
      "| bug | strategy | bounded | dpor | pct | coverage | random | found | shrunk | fix on |",
    );
    expect(page).toContain("| KB-99 a race | pinned | 5 | – | – | – | – | 9 / 2 | 4 / 1 | – |");
  });

  it("says how many seeds and schedules the figures and dashes stand for", () => {
    const page = racesPage([row], effort);
    expect(page).toContain(
      'have 3 seeds, of which the median is told; "–" stands for more than\n300 schedules',
    );
    expect(page).toContain('"–":\nmore than 50000');
  });
});
