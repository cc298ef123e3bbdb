import { describe, expect, it } from "vitest";
import { type Actor, GIB } from "../../../../sim/engine/index.ts";
import { Interleaving } from "../../../support/interleaving.ts";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

type Setup = NonNullable<ConstructorParameters<typeof BtrfsRaceMachine>[0]>;

/** A race of two: what they do on a machine, and what is done when both have ended. */
interface Race {
  readonly setup?: Setup;
  readonly prepare?: (machine: BtrfsRaceMachine) => void;
  readonly first: (machine: BtrfsRaceMachine) => Actor<unknown>;
  readonly second: (machine: BtrfsRaceMachine) => Actor<unknown>;
}

const swapOf = (machine: BtrfsRaceMachine) => machine.fs.lookup("/sv/swap")!;

function* write(machine: BtrfsRaceMachine, block: number): Actor<unknown> {
  const file = swapOf(machine);
  return yield* machine.fs.directWrite(file, block, { generation: 77_000, owner: file.owner, index: block });
}

const RACES: Readonly<Record<string, Race>> = {
  "KB-05 noSnapshotTryLock": {
    first: (machine) => machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"),
    second: (machine) => machine.swapon("/sv/swap"),
  },
  "KB-05 earlyDeadFlag": {
    first: (machine) => machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"),
    second: (machine) => machine.fs.subvolumes.delete("/sv", "step"),
  },
  "KB-07 noMmapLockAtActivation": {
    setup: { kernel: "linux-6.18" },
    prepare: (machine) => machine.makeOlderThanSnapshot("/sv"),
    first: (machine) => machine.swapon("/sv/swap"),
    second: (machine) =>
      machine.fs.fileOperations.access(swapOf(machine), "store through an old mapping", "step"),
  },
  "KB-08 noNocowWriters": {
    first: (machine) => write(machine, 3),
    second: (machine) => machine.fs.volume.balance({ type: "data" }, "step"),
  },
  "KB-09 noReplaceWindow": {
    setup: { sizes: [GIB, GIB], spare: 1 },
    first: (machine) => machine.fs.volume.replaceDevice(machine.devices[0]!, machine.devices[1]!, "step"),
    second: (machine) => write(machine, 3),
  },
  "KB-10 noSubvolumeDeleteCheck": {
    first: (machine) => machine.swapon("/sv/swap"),
    second: (machine) => machine.fs.subvolumes.delete("/sv", "step"),
  },
};

/** One schedule: the first takes so many steps, then the second so many, then the first and the second to their ends. */
function play(race: Race, faults: readonly string[], a: number, b: number) {
  const machine = new BtrfsRaceMachine({ ...race.setup, faults });
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  machine.create("/sv/swap", 16, { nocow: true });
  race.prepare?.(machine);
  const interleaving = new Interleaving(machine.engine, {
    first: race.first(machine),
    second: race.second(machine),
  });
  interleaving.play(`
    first   takes ${a}
    second  takes ${b}
    first   goes on
    second  goes on`);
  machine.swapOut("/sv/swap", 5);
  const [first = 0, second = 0] = interleaving.taken;
  return { hasMore: { first: first === a, second: second === b }, problems: machine.problems() };
}

/** All schedules with at most two switches before both go on. Returns how many there are, and how many do harm. */
function search(race: Race, faults: readonly string[]): { schedules: number; harmful: number } {
  let schedules = 0;
  let harmful = 0;
  for (let a = 0, more = { first: true, second: true }; more.first; a++) {
    more.second = true;
    for (let b = 1; more.second; b++) {
      const { hasMore, problems } = play(race, faults, a, b);
      schedules++;
      if (problems.length > 0) harmful++;
      more = hasMore;
    }
  }
  return { schedules, harmful };
}

describe("every schedule of two with at most two switches", () => {
  it.each(Object.entries(RACES))("%s: does harm without the fix, and none with it", (name, race) => {
    const [, toggle = ""] = name.split(" ");
    const without = search(race, [toggle]);
    const withFix = search(race, []);
    expect(without.harmful).toBeGreaterThan(0);
    expect(withFix.harmful).toBe(0);
    expect(Math.min(without.schedules, withFix.schedules)).toBeGreaterThan(10);
  });
});
