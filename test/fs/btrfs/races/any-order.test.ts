import fc from "fast-check";
import { expect, it } from "vitest";
import { type Actor, Engine, MIB, PAGE_SIZE } from "../../../../sim/engine/index.ts";
import type { FileHandle } from "../../../../sim/fs/index.ts";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

type Act = (machine: BtrfsRaceMachine) => Actor<unknown>;

const swapOf = ({ fs }: BtrfsRaceMachine): FileHandle => fs.lookup("/sv/swap")!;
const otherOf = ({ fs }: BtrfsRaceMachine): FileHandle => fs.lookup("/sv/other")!;
const first = { from: 0, to: PAGE_SIZE };
let generation = 6_000_000;

function* write(machine: BtrfsRaceMachine, file: FileHandle, block: number): Actor<unknown> {
  const content = { generation: generation++, owner: file.owner, index: block };
  return yield* machine.fs.directWrite(file, block, content);
}

/** What happens to a subvolume with a swap file and another file. */
const ACTS: Readonly<Record<string, Act>> = {
  swapon: (m) => m.swapon("/sv/swap"),
  snapshot: ({ fs }) => fs.subvolumes.snapshot("/sv", "/snap", true, "s"),
  "second snapshot": ({ fs }) => fs.subvolumes.snapshot("/sv", "/snap", false, "s"),
  delete: ({ fs }) => fs.subvolumes.delete("/sv", "s"),
  balance: ({ fs }) => fs.volume.balance({ type: "data" }, "s"),
  scrub: ({ fs }) => fs.volume.scrub("s"),
  replace: ({ fs, devices }) => fs.volume.replaceDevice(devices[0]!, devices[1]!, "s"),
  store: (m) => m.fs.fileOperations.access(swapOf(m), "store through an old mapping", "s"),
  "direct write": (m) => write(m, otherOf(m), 3),
  "buffered write": (m) => m.fs.write(otherOf(m), 2, 4),
  "write to the swap file": (m) => m.fs.write(swapOf(m), 2, 4),
  reflink: (m) => m.fs.reflink(swapOf(m), "/sv/clone", "s"),
  defrag: (m) => m.fs.defragment(swapOf(m), 2 ** 25, "s"),
  truncate: (m) => m.fs.fileOperations.truncate(swapOf(m), PAGE_SIZE, "s"),
  "punch hole": (m) => m.fs.fileOperations.fallocate(swapOf(m), "punch-hole", first, "s"),
  unlink: (m) => m.fs.unlink("/sv/swap", "s"),
  rename: (m) => m.fs.fileOperations.rename("/sv/other", "/sv/swap", "s"),
  dedupe: (m) => m.fs.fileOperations.dedupe(otherOf(m), swapOf(m), "s"),
  "clone range": (m) => m.fs.fileOperations.cloneRange(swapOf(m), otherOf(m), first, "s"),
  "copy range": (m) => m.fs.fileOperations.copyRange(otherOf(m), swapOf(m), first, "s"),
  "chattr +c": (m) => m.fs.fileOperations.chattr(swapOf(m), "+c", "s"),
  sync: ({ fs }) => fs.sync(),
};

/** Everybody takes steps in the order that the choices say; then pages go out, if the file is active. */
function run(names: readonly string[], choices: readonly number[]): readonly string[] {
  let asked = 0;
  const choose = (_question: string, options: number): number =>
    (choices[asked++ % choices.length]! + asked) % options;
  const engine = new Engine({ seed: "any order", chooser: { choose } });
  const machine = new BtrfsRaceMachine({
    engine,
    kernel: "linux-6.18",
    sizes: [512 * MIB, 512 * MIB],
    spare: 1,
  });
  machine.run(machine.fs.subvolumes.create("/sv", "s"));
  machine.create("/sv/swap", 8, { nocow: true, extents: 2 });
  machine.create("/sv/other", 8, { nocow: true });
  for (const name of names) engine.spawn(name, ACTS[name]!(machine));
  expect(engine.run().kind).toBe("finished");
  const pages = machine.fs.lookup("/sv/swap")?.size ?? 0;
  machine.swapOut("/sv/swap", ...[1, 5].filter((slot) => slot < pages));
  return machine.problems();
}

it("whatever goes on at the same time and in whatever order, all fixes together keep every block", () => {
  const names = fc.uniqueArray(fc.constantFrom(...Object.keys(ACTS)), { minLength: 2, maxLength: 4 });
  const choices = fc.array(fc.nat({ max: 60 }), { minLength: 20, maxLength: 200 });
  fc.assert(
    fc.property(names, choices, (some, order) => {
      expect(run(some, order)).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
