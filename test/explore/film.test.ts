import { describe, expect, it } from "vitest";
import {
  chances,
  execute,
  type Film,
  film,
  follow,
  openStreams,
  ScheduleGuide,
  tell,
} from "../../sim/index.ts";
import { scene } from "../support/scene.ts";
import { AFTER_EACH_OTHER } from "../support/schedules.ts";
import { shipped } from "./support.ts";

const { scenario, variant } = scene(shipped("basic"), "bmap");

function randomChoices(seed: string): readonly number[] {
  const random = openStreams(seed).named("choices");
  return execute(scenario, variant, { answer: ({ options }) => random.below(options) }).choices;
}

/** Who has each block of a device at one moment, and to which blocks swap writes, put together from the film. */
function blocksAt({ disk }: Film, moment: number): { owner: string[]; swap: number[] } {
  const held: number[] = [];
  const swap: (string | null)[] = [];
  for (const { held: changed, swap: writes } of disk.moments.slice(0, moment + 1)) {
    for (const [stretch, holding] of changed ?? []) held[stretch] = holding;
    for (const [stretch, target] of writes ?? []) swap[stretch] = target;
  }
  const owner: string[] = [];
  const blocks: number[] = [];
  for (const [at, { block, count }] of disk.stretches.entries()) {
    for (let one = block; one < block + count; one++) {
      owner[one] = disk.holdings[held[at]!]?.path ?? "";
      if (typeof swap[at] === "string") blocks.push(one);
    }
  }
  return { owner, swap: blocks };
}

describe("the film of a run", () => {
  it.each(["1", "2", "3"])("shows every block of the disk as the filesystem has it, seed %s", (seed) => {
    const choices = randomChoices(seed);
    const { film: filmed } = film(scenario, variant, choices);
    let moment = 0;
    execute(scenario, variant, follow(choices), {
      onStep: (machine) => {
        const device = machine.device("vda");
        const { owner, swap } = blocksAt(filmed, moment++);
        for (const region of machine.filesystem!.regions(device)) {
          const path =
            region.kind === "data" && region.owner !== undefined ? machine.owners.get(region.owner).name : "";
          for (let at = region.block; at < region.block + region.count; at += Math.max(1, region.count - 1))
            expect(owner[at]).toBe(path);
        }
        const area = machine.swap.areas[0];
        const places = Array.from({ length: area ? area.slots - 1 : 0 }, (_, slot) =>
          area!.transport.placeOf(slot + 1),
        );
        expect(swap).toEqual(places.flatMap((place) => place?.block ?? []).sort((a, b) => a - b));
      },
    });
    expect(filmed.moments).toHaveLength(moment);
    expect(filmed.disk.moments).toHaveLength(moment);
  });

  it("has a moment before the first step and one after each, the last one too", () => {
    const { film: filmed, story } = film(scenario, variant, []);
    expect(filmed.moments).toHaveLength(story.execution.steps.length + 1);
  });

  it("shows a lock as held between the steps that take and release it, and never by somebody who has ended", () => {
    const { film: filmed } = film(scenario, variant, randomChoices("1"));
    const holders = filmed.moments.flatMap(({ locks = [] }) => locks.flatMap(({ by }) => by));
    expect(holders).toContain("balance");
    const last = filmed.moments.findLast(({ locks }) => locks !== undefined)?.locks;
    expect(last?.flatMap(({ by }) => by)).not.toContain("balance");
  });

  it("changes nothing: the run is the one that nobody looks at", () => {
    const choices = randomChoices("2");
    const { fingerprint } = execute(scenario, variant, follow(choices));
    expect(film(scenario, variant, choices).story.execution.fingerprint).toBe(fingerprint);
  });
});

describe("chances", () => {
  it("are certain once the harm is done, and the same each time", () => {
    const { choices } = execute(scenario, variant, new ScheduleGuide(AFTER_EACH_OTHER));
    const found = tell(scenario, variant, choices);
    const once = chances(scenario, variant, found, 4);
    expect(once).toHaveLength(found.rows.length + 1);
    expect(once.at(-1)).toBe(1);
    expect(chances(scenario, variant, found, 4)).toEqual(once);
  });

  it("are none where the strategy pins its file", () => {
    const { scenario: same, variant: pinned } = scene(shipped("basic"), "pinned");
    expect(new Set(chances(same, pinned, tell(same, pinned, []), 3))).toEqual(new Set([0]));
  });
});
