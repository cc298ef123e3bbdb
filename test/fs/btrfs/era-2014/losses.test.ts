import { describe, expect, it } from "vitest";
import { type Actor, delay, MICROSECOND, MILLISECOND } from "../../../../sim/engine/index.ts";
import { SeriesMachine } from "../../support/series-machine.ts";

/** A machine whose swap file is active. */
function active(setup: ConstructorParameters<typeof SeriesMachine>[0] = {}): SeriesMachine {
  const machine = new SeriesMachine(setup);
  expect(machine.activate()).toBe("ok");
  return machine;
}

function* later(duration: number, act: Actor<unknown>): Actor {
  yield delay("wait", duration);
  yield* act;
}

describe("what v2 of the series writes comes back", () => {
  it.each([true, false])("from a file that was preallocated: %s", (preallocated) => {
    const machine = active({ file: { preallocated } });
    const written = [3, 7, 3, 60].map((slot) => [slot, machine.out(slot)] as const);
    for (const [slot, generation] of new Map(written)) expect(machine.in(slot)).toBe(generation);
    expect(machine.problems()).toEqual([]);
  });

  it("in place, unless a snapshot shares the block: then from new space, once", () => {
    const machine = active();
    const before = machine.places(machine.file);
    machine.out(5);
    expect(machine.places(machine.file)).toEqual(before);
    machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "s"));
    machine.out(5);
    machine.wait(MILLISECOND);
    const moved = machine.places(machine.file)[5];
    expect(moved).not.toBe(before[5]);
    machine.out(5);
    machine.wait(MILLISECOND);
    expect(machine.places(machine.file)[5]).toBe(moved);
    expect(machine.problems()).toEqual([]);
  });

  it("as zeroes where nothing was written yet", () => {
    expect(active({ file: { preallocated: true } }).in(9)).toBe(0);
  });
});

describe("L1, L2: somebody else writes to the active file", () => {
  it("L1: write(2) is allowed, and the page is what was written", () => {
    const machine = active();
    const page = machine.out(4);
    expect(machine.run(machine.fs.write(machine.file, 4, 1))).toBeUndefined();
    expect(machine.in(4)).not.toBe(page);
  });

  it("L2: a clone onto it is allowed, and a hole of the source reads as zeroes", () => {
    const machine = active();
    const source = machine.create("/source", 8, { nocow: true });
    machine.run(machine.fs.fileOperations.fallocate(source, "punch-hole", { from: 8192, to: 12288 }, "s"));
    const pages = [1, 2].map((slot) => machine.out(slot));
    const range = { from: 4096, to: 12288 };
    expect(machine.answer(machine.fs.fileOperations.copyRange(source, machine.file, range, "s"))).toBe("ok");
    expect(machine.in(1)).not.toBe(pages[0]);
    expect(machine.in(2)).toBe(0);
  });
});

describe("L3: defragmentation compresses the file", () => {
  /** A fragmented file with the property, which patch 4 does not cover. */
  function compressed(): SeriesMachine {
    const machine = active({ file: { extents: 16 } });
    machine.out(2);
    machine.run(machine.fs.fileOperations.setCompression(machine.file, "lzo", "s"));
    expect(machine.answer(machine.fs.defragment(machine.file, 2 ** 25, "s"))).toBe("ok");
    return machine;
  }

  it("L3: nothing can be read from it or written to it any more", () => {
    const machine = compressed();
    expect(machine.in(2)).toBe("short");
    expect(machine.out(2)).toBe("short");
  });

  it("the readpage of v1 still reads it", () => {
    const machine = compressed();
    let found: unknown;
    machine.run(
      machine.series.readpage(machine.file, 2, (read) => {
        found = read;
      }),
    );
    machine.wait(MILLISECOND);
    expect(found).toMatchObject({ content: { generation: expect.any(Number) } });
  });

  it("the next swapon refuses it", () => {
    const machine = compressed();
    machine.series.swapDeactivate(machine.file);
    expect(machine.activate()).toBe("EINVAL: BTRFS: swapfile is compressed");
    machine.run(machine.fs.fileOperations.setCompression(machine.file, "none", "s"));
    expect(machine.activate()).toBe("EINVAL: BTRFS: swapfile is compresed");
  });

  it("without compression it only moves the blocks", () => {
    const machine = active({ file: { extents: 16 } });
    const page = machine.out(2);
    expect(machine.answer(machine.fs.defragment(machine.file, 2 ** 25, "s"))).toBe("ok");
    expect(machine.in(2)).toBe(page);
  });
});

describe("L5: the filesystem was aborted", () => {
  it("L5: a page-out succeeds and is lost, because the worker drops its mapping", () => {
    const machine = active();
    const old = machine.out(6);
    machine.wait(MILLISECOND);
    machine.run(machine.fs.mountOperations.abortTransaction("EIO"));
    expect(machine.out(6)).toEqual(expect.any(Number));
    machine.wait(MILLISECOND);
    expect(machine.in(6)).toBe(old);
  });
});

describe("L6, L10: a page-out that was decided on and then loses time", () => {
  it("L6: balance copies the block before it is written, and the page is the old one", () => {
    const machine = active({ stall: 200 * MILLISECOND });
    const old = machine.out(8);
    machine.start(machine.swapOut(8));
    machine.start(later(MILLISECOND, machine.fs.volume.balance({ type: "data" }, "s")));
    machine.wait(600 * MILLISECOND);
    expect(machine.in(8)).toBe(old);
  });

  it("L6 does not happen if writers are counted from their decision on, as since 4.7", () => {
    const machine = active({ stall: 200 * MILLISECOND, faults: ["countNocowWriters"] });
    const old = machine.out(8);
    let page: unknown;
    machine.start(
      (function* (): Actor {
        page = yield* machine.swapOut(8);
      })(),
    );
    machine.start(later(MILLISECOND, machine.fs.volume.balance({ type: "data" }, "s")));
    machine.wait(600 * MILLISECOND);
    expect(machine.in(8)).toBe(page);
    expect(page).not.toBe(old);
    expect(machine.problems()).toEqual([]);
  });

  it("a page-out that does not lose time is waited for", () => {
    const machine = active();
    machine.out(8);
    let page: unknown;
    machine.start(
      (function* (): Actor {
        page = yield* machine.swapOut(8);
      })(),
    );
    machine.run(machine.fs.volume.balance({ type: "data" }, "s"));
    expect(machine.in(8)).toBe(page);
  });

  it("L10: a snapshot changes after it was made, and swap itself stays right", () => {
    const snapshot = (stall: number): readonly [string, boolean] => {
      const machine = active({ stall });
      let page: unknown;
      machine.start(
        (function* (): Actor {
          page = yield* machine.swapOut(8);
        })(),
      );
      machine.start(later(MILLISECOND / 2, machine.fs.subvolumes.snapshot("/", "/snap", true, "s")));
      machine.wait(600 * MILLISECOND);
      const isRight = machine.in(8) === page;
      machine.problems();
      return [machine.ledger.listed.map(({ class: kind }) => kind).join(), isRight];
    };
    expect(snapshot(0)).toEqual(["", true]);
    expect(snapshot(200 * MILLISECOND)).toEqual(["F", true]);
  });
});

describe("who locks a range of the file waits for the writes of swap in it", () => {
  it.each([5, 10, 20, 30, 40, 60])("a clone after %i us, whose copy stays what it was", (after) => {
    const machine = active();
    machine.start(machine.swapOut(8));
    machine.run(later(after * MICROSECOND, machine.fs.reflink(machine.file, "/clone", "s")));
    machine.wait(MILLISECOND);
    expect(machine.problems()).toEqual([]);
    expect(machine.ledger.listed).toEqual([]);
  });
});

describe("L7, L8, L11: errors on the way", () => {
  it("L7: after a write error the page stays, and the next I/O on its slot waits for ever", () => {
    const machine = active();
    machine.device.failed = true;
    expect(machine.out(3)).toBe("EIO");
    machine.device.failed = false;
    expect(machine.out(4)).toEqual(expect.any(Number));
    expect(machine.hang(machine.swapIn(3))).toContain("a write error");
  });

  it.each(["sync", "snapshot", "balance"])("L7: %s waits for the same", (operation) => {
    const machine = active();
    machine.device.failed = true;
    machine.out(3);
    machine.device.failed = false;
    const { fs } = machine;
    const all: Record<string, Actor<unknown>> = {
      sync: fs.sync(),
      snapshot: fs.subvolumes.snapshot("/", "/snap", true, "s"),
      balance: fs.volume.balance({ type: "data" }, "s"),
    };
    machine.start(all[operation]!);
    machine.wait(10_000 * MILLISECOND);
    const [waiting] = machine.engine.waiters();
    expect(waiting?.label).toMatch(/btrfs_wait_(ordered|nocow)/);
  });

  it("L8 a: a read whose bio cannot be cloned fails, and leaves its slot locked", () => {
    const machine = active();
    machine.out(3);
    machine.memory.fail("bio clone");
    expect(machine.in(3)).toBe("ENOMEM");
    machine.start(machine.swapIn(3));
    machine.wait(1000 * MILLISECOND);
    expect(machine.engine.waiters()[0]?.label).toBe("lock_extent_direct (read)");
  });

  it.each(["end-io struct", "map struct"])(
    "L8 b: a read without its %s waits for a bio that was never sent",
    (site) => {
      const machine = active();
      machine.out(3);
      machine.memory.fail(site);
      expect(machine.hang(machine.swapIn(3))).toContain("pending count");
    },
  );

  it("L8 b: so does a page-out without its map struct", () => {
    const machine = active();
    machine.memory.fail("map struct");
    expect(machine.hang(machine.swapOut(3))).toContain("pending count");
  });

  it("L11: without memory for an extent state the task dies in a BUG, elsewhere the page stays", () => {
    const machine = active();
    machine.memory.fail("private struct");
    expect(machine.out(3)).toBe("ENOMEM");
    machine.memory.fail("extent state");
    expect(machine.hang(machine.swapOut(3))).toContain("kernel BUG");
    expect(machine.lines.join()).toContain("kernel BUG at fs/btrfs/extent_io.c");
  });
});

describe("L12: swapon races with truncate", () => {
  it("L12: the first page-out releases the mutex of swapon, and the file shrinks before it is a swap file", () => {
    const machine = new SeriesMachine();
    const { fs, series, file, options } = machine;
    machine.start(
      (function* (): Actor {
        const unlock = yield* fs.lockInode(file);
        yield* series.swapActivate(file, options);
        yield delay("enable_swap_info", 2 * MILLISECOND);
        yield* series.enabled(file);
        unlock();
      })(),
    );
    machine.start(machine.fs.fileOperations.truncate(file, 16 * 4096, "s"));
    machine.wait(MILLISECOND);
    expect(file.size).toBe(64);
    machine.out(40);
    expect(file.size).toBe(16);
    machine.wait(2 * MILLISECOND);
    expect(file.size).toBe(16);
    expect(machine.in(40)).toBe("short");
  });

  it("later it is refused", () => {
    const machine = active();
    expect(machine.answer(machine.fs.fileOperations.truncate(machine.file, 4096, "s"))).toBe("ETXTBSY");
  });
});

describe("a full filesystem", () => {
  /** Files until not a block of data is left. */
  function full(): SeriesMachine {
    const machine = active();
    for (let blocks = 32_768, number = 0; blocks >= 1; ) {
      const spec = { size: blocks * 4096, nocow: true, preallocated: false, extents: 1 };
      const made = machine.fs.createFile({ path: `/fill${number++}`, ...spec });
      if (typeof made === "string") blocks = Math.floor(blocks / 2);
    }
    return machine;
  }

  it("fails every page-out of the series, although its block is there", () => {
    const machine = full();
    expect(machine.out(5)).toBe("ENOSPC");
    expect(machine.problems()).toEqual([]);
  });

  it("is no trouble for a write in place that reserves nothing", () => {
    const machine = full();
    expect(machine.run(machine.fs.directWrite(machine.file, 5, machine.fresh(5)))).toBeUndefined();
  });
});
