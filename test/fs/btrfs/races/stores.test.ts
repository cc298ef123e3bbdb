import { describe, expect, it } from "vitest";
import { BtrfsRaceMachine } from "../../support/btrfs-race-machine.ts";

type Setup = NonNullable<ConstructorParameters<typeof BtrfsRaceMachine>[0]>;

/** swapon of a file that a process has mapped, a store, and scrub, as the script says. */
function swaponAndStore(
  setup: Setup,
  script: string,
  before: (machine: BtrfsRaceMachine) => void = () => {},
) {
  const machine = new BtrfsRaceMachine(setup);
  machine.run(machine.fs.subvolumes.create("/sv", "step"));
  const file = machine.create("/sv/swap", 16, { nocow: true });
  before(machine);
  const actors = {
    swapon: machine.swapon("/sv/swap"),
    store: machine.fs.fileOperations.access(file, "store through an old mapping", "step"),
    scrub: machine.fs.volume.scrub("step"),
  };
  const { swapon, store } = machine.race(actors, script);
  return {
    machine,
    swapon,
    store: (store as { errno?: string }).errno ?? "ok",
    broken: [...machine.fs.check(), ...machine.fs.brokenPromises().map(({ what }) => what)],
  };
}

/** Other files take every free block, then all pages go out. Returns how often they hit somebody else's block. */
function harmOf(machine: BtrfsRaceMachine): number {
  machine.fillUp();
  machine.swapOut("/sv/swap", ...Array.from({ length: 15 }, (_, slot) => slot + 1));
  return machine.ledger.byClass().B;
}

const oldSnapshot = (machine: BtrfsRaceMachine): void => machine.makeOlderThanSnapshot("/sv");

describe("KB-07: a store through a mapping while swapon runs", () => {
  const AFTER_THE_FLUSH = `
    swapon  until lock_extent (swapon)
    store   until msync
    swapon  goes on
    store   goes on`;

  it.each([
    ["without the lock", { kernel: "linux-6.18", faults: ["noMmapLockAtActivation"] }],
    ["in 6.1, which has none", {}],
  ])("is written behind the map, and swap writes to blocks that the file has left: %s", (_, setup) => {
    const { machine, swapon, store, broken } = swaponAndStore(setup, AFTER_THE_FLUSH, oldSnapshot);
    expect([swapon, store]).toEqual(["ok", "ok"]);
    expect(broken).toEqual(["block 0 of the active swap file /sv/swap is not where swap writes it"]);
    expect(harmOf(machine)).toBeGreaterThan(0);
  });

  it.each([
    [
      "waits for swapon, and then meets a swap file",
      `
      swapon  until lock_extent (swapon)
      store   goes on
      swapon  goes on
      store   goes on`,
      "SIGBUS",
    ],
    [
      "that comes before the flush is flushed, and swapon maps what is there then",
      `
      store   until msync
      swapon  goes on
      store   goes on`,
      "ok",
    ],
  ])("%s", (_title, script, answer) => {
    const { machine, swapon, store, broken } = swaponAndStore({ kernel: "linux-6.18" }, script, oldSnapshot);
    expect([swapon, store]).toEqual(["ok", answer]);
    expect(broken).toEqual([]);
    expect(harmOf(machine)).toBe(0);
    expect(machine.problems()).toEqual([]);
  });
});

describe("KB-06: scrub makes the block group of a new swap file read-only", () => {
  /** The store comes after the flush, as 6.1 lets it; it is written while scrub works on the group. */
  const SCRUB = `
    swapon  until lock_extent (swapon)
    store   until msync
    swapon  until lock_extent (writeback)
    scrub   until btrfs_inc_block_group_ro (data)
    scrub   until scrub_read_endio
    swapon  goes on
    scrub   goes on
    store   goes on`;

  it("and the file's pages are written to new space, if the group does not count swap extents", () => {
    const { machine, swapon, broken } = swaponAndStore({ faults: ["noSwapExtentCount"] }, SCRUB);
    expect(swapon).toBe("ok");
    expect(broken).toEqual(["block 0 of the active swap file /sv/swap is not where swap writes it"]);
    expect(harmOf(machine)).toBeGreaterThan(0);
  });

  it("scrub leaves a group alone that counts swap extents, and verifies the others", () => {
    const { machine, swapon, store, broken } = swaponAndStore(
      {},
      `
      swapon  until lock_extent (swapon)
      store   until msync
      swapon  until lock_extent (writeback)
      scrub   goes on
      swapon  goes on
      store   goes on`,
    );
    expect([swapon, store]).toEqual(["ok", "ok"]);
    expect(machine.lines).toContainEqual(
      expect.stringMatching(/skipping scrub of block group \d+ due to active/),
    );
    expect(broken).toEqual([]);
    expect(harmOf(machine)).toBe(0);
    machine.swapoff("/sv/swap");
    expect(machine.run(machine.fs.volume.scrub("step")).skipped).toEqual([]);
    expect(machine.problems()).toEqual([]);
  });

  it.each([
    ["linux-6.1", "btrfs_inc_block_group_swap_extents", /block group for swapfile at \d+ is read-only/],
    ["linux-6.1", "lock_extent (swapon)", /must not be copy-on-write/],
    ["linux-6.18", "lock_extent (swapon)", /block group for swapfile at \d+ is read-only/],
  ])(
    "swapon of %s, which comes to %s first, is refused and takes everything back",
    (kernel, label, message) => {
      const { machine, swapon, broken } = swaponAndStore(
        { kernel },
        `
      swapon  until ${label}
      scrub   until btrfs_inc_block_group_ro (data)
      scrub   until scrub_read_endio
      swapon  goes on
      scrub   goes on`,
      );
      expect(swapon).toMatch(message);
      expect(broken).toEqual([]);
      expect(machine.answer(machine.fs.volume.balance({ type: "data" }, "step"))).toBe("ok");
      expect(machine.run(machine.swapon("/sv/swap"))).toBe("ok");
      expect(machine.answer(machine.fs.subvolumes.snapshot("/sv", "/snap", true, "step"))).toBe("ETXTBSY");
      expect(machine.problems()).toEqual([]);
    },
  );
});
