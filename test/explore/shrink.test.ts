import { describe, expect, it } from "vitest";
import {
  execute,
  explore,
  ScheduleGuide,
  scheduleThatShows,
  shrink,
  switchesOf,
  tell,
} from "../../sim/index.ts";
import { type Scene, scene } from "../support/scene.ts";
import { searchNamed, shipped } from "./support.ts";

/** A counter-example as a search at random finds it, and the small one made of it. */
function shrunk({ scenario, variant }: Scene, search: string) {
  const { violation } = explore(scenario, variant, searchNamed(search), { schedules: 1500 });
  if (!violation) throw new Error("nothing was found");
  return { found: violation.execution, small: shrink(scenario, variant, violation.execution) };
}

describe("a counter-example", () => {
  const basic = scene(shipped("basic"), "bmap");
  const snapshot = scene(shipped("KB-05-snapshot-against-swapon"), "pinned", { broken: true });

  it("shrinks to at most twelve steps and two switches that others can notice", () => {
    for (const [given, search] of [
      [basic, "pct"],
      [snapshot, "random"],
    ] as const) {
      const { found, small } = shrunk(given, search);
      const { rows } = tell(small.scenario, given.variant, small.execution.choices);
      expect(rows.length).toBeLessThanOrEqual(12);
      expect(switchesOf(small.execution)).toBeLessThanOrEqual(2);
      const own = ({ steps }: { readonly steps: readonly { readonly forgetful: boolean }[] }): number =>
        steps.filter(({ forgetful }) => !forgetful).length;
      expect(own(small.execution)).toBeLessThanOrEqual(own(found));
    }
  });

  it("keeps what it violates, and stays as it is when it is shrunk again", () => {
    const { small } = shrunk(snapshot, "random");
    expect(small.violated).toMatchObject({ invariant: "I3", kind: "F" });
    const again = shrink(small.scenario, snapshot.variant, small.execution);
    expect(again.without).toEqual([]);
    expect(again.execution.choices).toEqual(small.execution.choices);
  });

  it("leaves out what is not needed", () => {
    const { small } = shrunk(basic, "pct");
    // A balance commits by itself.
    expect(small.without).toContain("commit");
  });

  it("is repeated by the lines of its schedule", () => {
    const { small } = shrunk(snapshot, "random");
    const guide = new ScheduleGuide(scheduleThatShows(small, snapshot.variant));
    const again = execute(small.scenario, snapshot.variant, guide);
    expect(again.violations[0]?.class).toBe(small.execution.violations[0]?.class);
    expect(guide.divergence).toBeUndefined();
  });
});

describe("a schedule", () => {
  it("says where the machine no longer follows it", () => {
    const { scenario, variant } = scene(shipped("KB-05-snapshot-against-swapon"), "pinned");
    const guide = new ScheduleGuide([{ run: "snapshot", steps: 1, stops: "somewhere else" }]);
    execute(scenario, variant, guide);
    expect(guide.divergence).toMatchObject({ line: 0 });
    expect(guide.divergence?.why).toMatch(
      /^snapshot stands before (?!somewhere else).+, not before somewhere else$/,
    );
  });

  it("goes as far as a label", () => {
    const { scenario, variant } = scene(shipped("KB-05-snapshot-against-swapon"), "pinned");
    const label = "btrfs_commit_transaction";
    const guide = new ScheduleGuide([{ run: "commit", until: label }, { run: "snapshot" }]);
    const { steps } = execute(scenario, variant, guide);
    const first = steps.findIndex(({ name }) => name === "snapshot");
    expect(first).toBeGreaterThan(0);
    const before = steps.slice(0, first).filter(({ name }) => name === "commit");
    expect(before.at(-1)?.stops).toBe(label);
  });
});
