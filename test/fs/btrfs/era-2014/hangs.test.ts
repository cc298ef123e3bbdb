import { describe, expect, it } from "vitest";
import { type Actor, delay, Engine, MILLISECOND, SECOND } from "../../../../sim/engine/index.ts";
import { InodeMutex } from "../../../../sim/fs/btrfs/era-2014/inode-mutex.ts";
import { SeriesMachine } from "../../support/series-machine.ts";

function active(setup: ConstructorParameters<typeof SeriesMachine>[0] = {}): SeriesMachine {
  const machine = new SeriesMachine(setup);
  machine.activate();
  return machine;
}

describe("D3: i_mutex is unlocked by somebody who does not hold it", () => {
  function run(debug: boolean): { readonly together: number; readonly waiting: number } {
    const engine = new Engine({ seed: "i_mutex" });
    const mutex = new InodeMutex(engine, "i_mutex", debug);
    let inside = 0;
    let together = 0;
    const user = function* (): Actor {
      yield* mutex.lock("mutex_lock");
      together = Math.max(together, ++inside);
      yield delay("work", 10);
      inside--;
      mutex.unlock();
    };
    engine.spawn("writer", user());
    engine.spawn(
      "swap-out",
      (function* (): Actor {
        yield delay("first", 1);
        mutex.strayUnlock();
        yield delay("I/O", 2);
        yield* mutex.strayLock("mutex_lock");
      })(),
    );
    engine.spawn("second writer", user());
    engine.run(1000);
    engine.spawn("later", user());
    engine.run(2000);
    return { together, waiting: engine.waiters().length };
  }

  it("without debugging two tasks are inside for a while, and then it is as before", () => {
    expect(run(false)).toEqual({ together: 2, waiting: 0 });
  });

  it("with mutex debugging it stays locked, so that later users wait until another page-out passes", () => {
    const machine = active({ faults: ["debugMutexes"] });
    machine.out(1);
    const { fs, file } = machine;
    machine.start(fs.write(file, 3, 1));
    machine.wait(SECOND);
    expect(machine.engine.waiters().map(({ label }) => label)).toEqual(["mutex_lock (i_mutex)"]);
    machine.start(machine.swapOut(2));
    machine.wait(SECOND);
    const write = machine.engine.waiters().filter(({ label }) => label === "mutex_lock (i_mutex)");
    expect(write).toEqual([]);
  });
});

describe("a task that needs memory swaps out, and waits for what it holds itself", () => {
  it("D4, D5: a reader of the file holds the extent lock of the slot", () => {
    const machine = active();
    machine.memory.reclaim("page of the page cache", () => machine.swapOut(5));
    expect(machine.hang(machine.fs.read(machine.file, 0, 16))).toContain("lock_extent_direct (write)");
  });

  it("D5: so does a clone", () => {
    const machine = active();
    machine.memory.reclaim("path", () => machine.swapOut(5));
    expect(machine.hang(machine.fs.reflink(machine.file, "/clone", "s"))).toContain("lock_extent_direct");
  });

  it("D4: so does defragmentation", () => {
    const machine = active({ file: { extents: 16 } });
    machine.memory.reclaim("page of the page cache", () => machine.swapOut(5));
    expect(machine.hang(machine.fs.defragment(machine.file, 2 ** 25, "s"))).toContain("lock_extent_direct");
  });

  it("a slot outside the locked range is no trouble", () => {
    const machine = active();
    machine.memory.reclaim("page of the page cache", () => machine.swapOut(40));
    expect(machine.hang(machine.fs.read(machine.file, 0, 16))).toBe("nothing hangs");
  });

  it("D6: filefrag, whose answer goes to memory that lies in a slot of the file it asks about", () => {
    const machine = active();
    machine.out(7);
    const said = machine.hang(machine.fs.queries.fiemap(machine.file, () => machine.faultOn(7)));
    expect(said).toContain("lock_extent_direct (read)");
  });

  it("D6: not since the answer is copied after the lock is given back", () => {
    const machine = active();
    machine.out(7);
    machine.series.swapDeactivate(machine.file);
    const asked = machine.fs.queries.fiemap(machine.file, () => machine.fs.read(machine.file, 7, 1) as Actor);
    expect(machine.hang(asked)).toBe("nothing hangs");
  });

  it("D7: a page-in, whose reclaim waits behind somebody who waits for the page-in", () => {
    const machine = active();
    machine.out(9);
    machine.memory.reclaim("bio clone", function* () {
      machine.start(machine.fs.read(machine.file, 0, 64));
      yield delay("the reader queues", MILLISECOND);
      yield* machine.swapOut(40);
    });
    const said = machine.hang(machine.swapIn(9));
    expect(said).toContain("lock_extent (read)");
    expect(said).toContain("lock_extent_direct (write)");
  });

  it("D8: a commit holds node locks that the page-out has to take", () => {
    const machine = active();
    machine.memory.reclaim("page for a COWed node", () => machine.swapOut(5));
    const said = machine.hang(machine.fs.sync());
    expect(said).toContain("btrfs_lookup_file_extent for tree node locks");
  });

  it("D8: a frozen filesystem holds page-outs, not page-ins; it ends with the thaw", () => {
    const machine = active();
    const page = machine.out(5);
    machine.run(machine.fs.mountOperations.freeze());
    machine.start(machine.swapOut(6));
    machine.wait(SECOND);
    expect(machine.engine.waiters()).toHaveLength(1);
    expect(machine.in(5)).toBe(page);
    machine.run(machine.fs.mountOperations.thaw());
    machine.wait(MILLISECOND);
    expect(machine.engine.waiters()).toEqual([]);
  });

  it("D11: the worker swaps out to the very slot whose write it completes", () => {
    const machine = active({ file: { preallocated: true } });
    machine.memory.reclaim("page for a leaf", () => machine.swapOut(5));
    const said = machine.hang(machine.swapOut(5));
    expect(said).toContain("btrfs-endio-write waits in btrfs_start_ordered_extent");
  });

  it("D9: a swap-out in the middle of a transaction of the same filesystem uses its handle again", () => {
    const machine = active({ file: { preallocated: true } });
    machine.memory.reclaim("page for a leaf", () => machine.swapOut(5));
    expect(machine.hang(machine.swapOut(9))).toBe("nothing hangs");
    expect(machine.in(5)).toBeGreaterThan(1_000_000);
  });

  it("D9: a commit for want of space inside reclaim frees the handle of the task that reclaims", () => {
    const machine = active({ file: { preallocated: true } });
    const oneBlock = machine.fillData();
    machine.memory.reclaim("page for a leaf", function* () {
      machine.create("/last", 1);
      yield* machine.fs.unlink(oneBlock.path, "s");
      yield* machine.swapOut(5);
    });
    const said = machine.hang(machine.swapOut(9));
    expect(said).toContain("an oops: its transaction handle was freed by a commit inside reclaim");
    expect(machine.lines.join()).toContain("__btrfs_end_transaction");
  });

  it("D9: a send has a mark in the place of its handle, and a swap-out inside it is an oops", () => {
    const machine = active({ file: { preallocated: true } });
    const { subvolumes } = machine.fs;
    machine.run(subvolumes.snapshot("/", "/backup", true, "s"));
    machine.memory.reclaim("page of the page cache", () => machine.swapOut(5));
    expect(machine.hang(subvolumes.send("/backup", "s"))).toContain(
      "a mark in the place of its transaction handle",
    );
    expect(machine.lines.join()).toContain("NULL pointer dereference in start_transaction");
  });

  it("D9: a send that finds memory harms nobody, and swap-outs of others go on beside it", () => {
    const machine = active({ file: { preallocated: true } });
    const { subvolumes } = machine.fs;
    machine.run(subvolumes.snapshot("/", "/backup", true, "s"));
    machine.start(subvolumes.send("/backup", "s"));
    const written = machine.out(5);
    expect([machine.in(5), machine.hang(subvolumes.send("/backup", "s"))]).toEqual([
      written,
      "nothing hangs",
    ]);
  });

  it("D10: a worker that waits for a commit holds up everybody who wants its slot, until the commit goes on", () => {
    const machine = active();
    machine.memory.reclaim("page for a COWed node", function* () {
      yield delay("the committer waits for memory", SECOND);
    });
    machine.start(machine.fs.sync());
    machine.wait(MILLISECOND);
    machine.start(machine.swapOut(5));
    machine.wait(SECOND / 2);
    expect(machine.engine.waiters().map(({ label }) => label)).toContain("btrfs_lookup_file_extent");
    machine.wait(SECOND);
    expect(machine.engine.waiters()).toEqual([]);
  });

  /** A search of the trees into memory that lies in slot 9, and a commit that comes meanwhile. */
  function searchBesideCommit(prepare: (machine: SeriesMachine) => void): string {
    const machine = active();
    machine.out(9);
    prepare(machine);
    return machine.hang(
      machine.fs.queries.searchTree(function* () {
        machine.start(machine.fs.sync());
        yield delay("the committer queues for the nodes", MILLISECOND);
        yield* machine.faultOn(9);
      }),
    );
  }

  it("D12: a search holds the leaf that a page-in has to look into, behind the writer that waits for it", () => {
    const said = searchBesideCommit((machine) => machine.run(machine.fs.read(machine.file, 0, 64)));
    expect(said).toContain("btrfs_get_extent (tree read lock) for tree node locks");
  });

  it("D12: not as long as the maps that swapon has loaded are in memory", () => {
    expect(searchBesideCommit(() => {})).toBe("nothing hangs");
  });

  it("D14: a page-out to a slot with a lost completion hangs whoever reclaims", () => {
    const machine = active();
    machine.device.failed = true;
    machine.out(3);
    machine.device.failed = false;
    expect(machine.hang(machine.swapOut(3))).toContain("btrfs_start_ordered_extent for a write error");
  });
});
