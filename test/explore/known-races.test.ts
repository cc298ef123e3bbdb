import { describe, expect, it } from "vitest";
import { type Execution, explore, shrink, simulate, switchesOf, tell } from "../../sim/index.ts";
import { objections, type Race, races } from "../support/races.ts";
import { searchNamed } from "./support.ts";

/** Longer than twelve steps, for the number of their actors or because each actor has so many. */
const LONG: Readonly<Record<string, number>> = { "KB-26": 16, "KB-28d": 13 };
/** Machines of which even one preemption makes thousands of schedules: test/long looks at them more closely. */
const LARGE: readonly string[] = ["KB-23", "KB-26"];

/** The first run that violates an invariant of the bug. */
function find(race: Race, search: string): Execution | undefined {
  const { violation } = explore(race.broken, race.variant, searchNamed(search), {
    schedules: 2000,
    seed: "3",
  });
  return violation && race.bug.invariants.includes(violation.invariant) ? violation.execution : undefined;
}

describe.each(races.map((race) => ({ name: race.name, race })))("$name, fix off,", ({ race }) => {
  const { broken, variant } = race;

  it("holds when time decides, and when everybody steps in turn: it has to be searched for", () => {
    const { violations, verdict, breaches, checks } = simulate(broken, variant);
    expect([violations, breaches, checks]).toEqual([[], [], []]);
    expect(["correct", "inconclusive"]).toContain(verdict);
    const inTurn = explore(broken, variant, searchNamed("round-robin"), { schedules: 1 });
    expect(inTurn.violation).toBeUndefined();
  });

  it("is found by two searches", () => {
    expect(find(race, "pct")).toBeDefined();
    expect(find(race, race.bug.id === "KB-26" ? "random" : "bounded")).toBeDefined();
  });

  it("shrinks to what a person can read", () => {
    const { scenario, execution } = shrink(broken, variant, find(race, "pct")!);
    const { rows, violated } = tell(scenario, variant, execution.choices);
    expect(race.bug.invariants).toContain(violated?.invariant);
    expect(rows.length).toBeLessThanOrEqual(LONG[race.bug.id] ?? 12);
    expect(switchesOf(execution)).toBeLessThanOrEqual(2);
  });
});

describe.each(races.map((race) => ({ name: race.name, race })))("$name, fix on,", ({ race }) => {
  it("holds in all schedules with one preemption, and swap works", () => {
    expect(objections(race, LARGE.includes(race.bug.id) ? 0 : 1, 1500)).toEqual([]);
  });
});
