import { describe, expect, it } from "vitest";
import { type Actor, delay, MILLISECOND, SECOND } from "../../../sim/engine/index.ts";
import { SUPER_BLOCKS } from "../../../sim/fs/btrfs/device.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** A filesystem with a file that keeps its disk busy for a while. */
function machineWithFile(): BtrfsMachine {
  const machine = new BtrfsMachine({ model: "hdd-7200" });
  machine.create("/f", 20_000);
  machine.run(machine.fs.sync());
  return machine;
}

/** A filesystem with a small file, and the file. */
function mountedWithFile(spec: Parameters<BtrfsMachine["create"]>[2] = {}) {
  const machine = new BtrfsMachine();
  return { machine, file: machine.create("/file", 100, spec) };
}

/** The errno of an operation that begins while another one runs. */
function answerDuring(
  machine: BtrfsMachine,
  running: Actor<unknown>,
  operation: Parameters<BtrfsMachine["answer"]>[0],
): string {
  machine.start(running);
  return machine.answer(
    (function* () {
      yield delay("until it runs", 10 * MILLISECOND);
      return yield* operation;
    })(),
  );
}

const write = (m: BtrfsMachine) => m.fs.write(m.fs.lookup("/f")!, 0, 20_000);
const read = (m: BtrfsMachine) => m.fs.read(m.fs.lookup("/f")!, 0, 20_000);
const balance = (m: BtrfsMachine) => m.fs.volume.balance({ type: "all" }, "step");

describe("umount", () => {
  it.each([
    ["a write", write],
    ["a read", read],
    ["a balance", balance],
  ])("finds the mount busy while %s runs, and not afterwards", (_name, run) => {
    const machine = machineWithFile();
    const { umount } = machine.fs.mountOperations;
    expect(answerDuring(machine, run(machine), umount(false, "step"))).toBe("EBUSY");
    expect(machine.answer(umount(false, "step"))).toBe("ok");
  });

  it("leaves nothing to remount, to unmount or to open", () => {
    const machine = machineWithFile();
    const file = machine.fs.lookup("/f")!;
    const { umount, remount } = machine.fs.mountOperations;
    expect(machine.answer(umount(false, "step"))).toBe("ok");
    expect(machine.answer(remount(false, "step"))).toBe("EINVAL");
    expect(machine.answer(remount(true, "step"))).toBe("EINVAL");
    expect(machine.answer(umount(false, "step"))).toBe("EINVAL");
    expect(machine.fs.lookup("/f")).toBeUndefined();
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe("ENOENT");
    expect(machine.run(machine.fs.read(file, 0, 1))).toBe("ENOENT");
    expect(machine.problems()).toEqual([]);
  });
});

describe("a remount to read-only", () => {
  it.each([
    ["is refused while a write runs", write, "EBUSY"],
    ["is refused while a balance runs", balance, "EBUSY"],
    ["does not mind a reader", read, "ok"],
  ])("%s", (_name, run, answer) => {
    const machine = machineWithFile();
    const { remount } = machine.fs.mountOperations;
    expect(answerDuring(machine, run(machine), remount(true, "step"))).toBe(answer);
    expect(machine.answer(remount(true, "step"))).toBe("ok");
  });
});

describe("a frozen filesystem", () => {
  const frozen = (): BtrfsMachine => {
    const machine = machineWithFile();
    machine.create("/new", 100);
    expect(machine.answer(machine.fs.mountOperations.freeze())).toBe("ok");
    return machine;
  };

  it("is not written to, neither by a sync nor by the commits of the transaction thread", () => {
    const machine = frozen();
    const superBlock = () => machine.device.contents.generationAt(SUPER_BLOCKS[0]!);
    const before = superBlock();
    machine.run(machine.fs.sync());
    machine.wait(65 * SECOND);
    expect(superBlock()).toBe(before);
    machine.run(machine.fs.mountOperations.thaw());
    machine.run(machine.fs.sync());
    expect(superBlock()).not.toBe(before);
    expect(machine.problems()).toEqual([]);
  });

  it("refuses every remount, and lets itself be unmounted", () => {
    const machine = frozen();
    const { remount, setMountOption, umount } = machine.fs.mountOperations;
    expect(machine.answer(remount(true, "step"))).toBe("EBUSY");
    expect(machine.answer(remount(false, "step"))).toBe("EBUSY");
    expect(machine.answer(setMountOption("nodatacow"))).toBe("EBUSY");
    expect(machine.answer(umount(false, "step"))).toBe("ok");
  });
});

describe("the mount", () => {
  it("read-only refuses changes and goes on reading", () => {
    const { machine, file } = mountedWithFile();
    expect(machine.answer(machine.fs.mountOperations.remount(true, "step"))).toBe("ok");
    expect(machine.run(machine.fs.write(file, 0, 1))).toBe("EROFS");
    expect(machine.answer(machine.fs.volume.balance({ type: "data" }, "step"))).toBe("EROFS");
    expect(machine.run(machine.fs.read(file, 0, 10))).toBeUndefined();
    expect(machine.answer(machine.fs.mountOperations.remount(false, "step"))).toBe("ok");
    expect(machine.run(machine.fs.write(file, 0, 1))).toBeUndefined();
  });

  it("frozen lets changes wait until the thaw, and swap goes on", () => {
    const { machine, file } = mountedWithFile({ nocow: true });
    machine.run(machine.fs.mountOperations.freeze());
    let written: number | undefined;
    machine.start(
      (function* (): Actor {
        yield* machine.fs.write(file, 0, 1);
        written = machine.engine.now;
      })(),
    );
    machine.run(
      (function* (): Actor {
        yield delay("frozen", 5 * SECOND);
        yield* machine.fs.mountOperations.thaw();
      })(),
    );
    expect(written).toBeGreaterThanOrEqual(5 * SECOND);
    expect(machine.answer(machine.fs.mountOperations.thaw())).toBe("EINVAL");
  });

  it("is busy while a swap file is active, unless it is detached lazily", () => {
    const { machine, file } = mountedWithFile({ nocow: true });
    const { umount, remount } = machine.fs.mountOperations;
    machine.run(machine.fs.swapActivate(file, 100));
    expect(machine.answer(umount(false, "step"))).toBe("EBUSY");
    expect(machine.answer(remount(true, "step"))).toBe("EBUSY");
    expect(machine.answer(umount(true, "step"))).toBe("ok");
    machine.fs.swapDeactivate(file);
    expect(machine.answer(umount(false, "step"))).toBe("ok");
  });
});
