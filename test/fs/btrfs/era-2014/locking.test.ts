import { describe, expect, it } from "vitest";
import { SECOND } from "../../../../sim/engine/index.ts";
import { SeriesMachine } from "../../support/series-machine.ts";

/** Who takes i_mutex for a page-out, and the fault that says so. */
const LOCKING = {
  "nobody, as in v2": [],
  "swap around direct_IO": ["callerLocksInode"],
  "the write call that swap makes": ["swapByWriteCall"],
  "nobody, and nobody drops it": ["swapRwOwnLocking"],
} as const;
type Locking = keyof typeof LOCKING;

function active(locking: Locking, faults: readonly string[] = [], file = {}): SeriesMachine {
  const machine = new SeriesMachine({ faults: [...LOCKING[locking], ...faults], file });
  expect(machine.activate()).toBe("ok");
  return machine;
}

describe("KB-17: a page goes out through the file of which somebody holds i_mutex", () => {
  it.each<readonly [Locking, string]>([
    ["nobody, as in v2", "nothing hangs"],
    ["swap around direct_IO", "mutex_lock (swap_writepage) for i_mutex of /swapfile"],
    ["the write call that swap makes", "mutex_lock (btrfs_file_write_iter) for i_mutex of /swapfile"],
    ["nobody, and nobody drops it", "nothing hangs"],
  ])("a writer who needs memory for it, i_mutex taken by %s: %s", (locking, found) => {
    const machine = active(locking);
    machine.memory.reclaim("page of the page cache", () => machine.swapOut(40));
    expect(machine.hang(machine.fs.write(machine.file, 3, 1))).toContain(found);
  });

  it.each<readonly [Locking, string]>([
    ["nobody, as in v2", "waits"],
    ["swap around direct_IO", "goes on"],
    ["the write call that swap makes", "goes on"],
    ["nobody, and nobody drops it", "goes on"],
  ])("a later writer on a kernel with mutex debugging, i_mutex taken by %s: %s", (locking, found) => {
    const machine = active(locking, ["debugMutexes"]);
    machine.out(1);
    machine.start(machine.fs.write(machine.file, 3, 1));
    machine.wait(SECOND);
    const waits = machine.engine.waiters().some(({ label }) => label === "mutex_lock (i_mutex)");
    expect(waits ? "waits" : "goes on").toBe(found);
  });

  it.each(Object.keys(LOCKING) as Locking[])("pages come back, i_mutex taken by %s", (locking) => {
    const machine = active(locking);
    const written = [3, 7, 3, 60].map((slot) => [slot, machine.out(slot)] as const);
    for (const [slot, generation] of new Map(written)) expect(machine.in(slot)).toBe(generation);
    expect(machine.problems()).toEqual([]);
  });
});

describe("KB-17: direct I/O that cannot be falls back to buffered I/O, if swap calls write", () => {
  /** A file that defragmentation has compressed. */
  function compressed(locking: Locking): SeriesMachine {
    const machine = active(locking, [], { extents: 16 });
    machine.run(machine.fs.fileOperations.setCompression(machine.file, "lzo", "s"));
    machine.run(machine.fs.defragment(machine.file, 2 ** 25, "s"));
    return machine;
  }

  it("and the page is written, which direct I/O alone cannot", () => {
    const machine = compressed("the write call that swap makes");
    const page = machine.out(5);
    expect(machine.in(5)).toBe(page);
    expect(compressed("nobody, and nobody drops it").out(5)).toBe("short");
  });

  it("if reclaim, which runs because there is no memory, gets a page for it", () => {
    const machine = compressed("the write call that swap makes");
    machine.memory.fail("page of the page cache");
    expect(machine.out(5)).toBe("ENOMEM");
  });
});
