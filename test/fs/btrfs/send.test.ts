import { describe, expect, it } from "vitest";
import { type Actor, delay, MILLISECOND } from "../../../sim/engine/index.ts";
import type { OperationResult } from "../../../sim/fs/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

/** A machine with a read-only snapshot of two files, and a file with the same contents as one of them. */
function withBackup(kernel = "linux-6.1") {
  const machine = new BtrfsMachine({ kernel });
  machine.create("/one", 600);
  machine.create("/two", 100);
  machine.run(machine.fs.subvolumes.snapshot("/", "/backup", true, "s"));
  const { subvolumes, fileOperations } = machine.fs;
  const acts = {
    send: () => subvolumes.send("/backup", "s"),
    remove: () => subvolumes.delete("/backup", "s"),
    open: () => subvolumes.setReadOnly("/backup", false, "s"),
    close: () => subvolumes.setReadOnly("/backup", true, "s"),
    dedupe: () => fileOperations.dedupe(machine.fs.lookup("/one")!, machine.fs.lookup("/backup/one")!, "s"),
  };
  return { machine, ...acts };
}

/** What one says that is tried while another one runs. */
function beside(
  machine: BtrfsMachine,
  first: Actor<OperationResult>,
  second: () => Actor<OperationResult>,
): string {
  machine.start(first);
  return machine.answer(
    (function* (): Actor<OperationResult> {
      yield delay("until it runs", MILLISECOND / 10);
      return yield* second();
    })(),
  );
}

describe("a send", () => {
  it("reads every file of the snapshot, as it was", () => {
    const { machine, send } = withBackup();
    machine.run(machine.fs.write(machine.fs.lookup("/one")!, 0, 600));
    expect(machine.run(send()).achieved).toBe("sent 2800 KiB");
    expect(machine.ledger.total).toBe(0);
  });

  it("is refused for a subvolume that can be written", () => {
    const { machine } = withBackup();
    expect(machine.answer(machine.fs.subvolumes.send("/", "s"))).toBe("EPERM");
  });

  it("finds blocks that somebody damaged", () => {
    const { machine, send } = withBackup();
    const place = machine.fs.bmap(machine.fs.lookup("/backup/two")!, 7)!;
    place.device.contents.write(place.block, 4_000_000, 0, 0);
    expect(machine.answer(send())).toBe("EIO");
  });

  it.each(["remove", "open"] as const)(
    "holds off whoever wants to %s the snapshot, until it has ended",
    (act) => {
      const { machine, send, ...acts } = withBackup();
      expect(beside(machine, send(), acts[act])).toBe("EPERM");
      expect(machine.answer(acts[act]())).toBe("ok");
    },
  );

  it("needs no commit for what is on disk already, so that nothing freed becomes reusable by it", () => {
    const { machine, send } = withBackup();
    machine.run(machine.fs.sync());
    machine.run(machine.fs.write(machine.fs.lookup("/two")!, 0, 100));
    const before = machine.device.stats.flushIos;
    machine.run(send());
    expect(machine.device.stats.flushIos).toBe(before);
  });

  it("goes on while the filesystem is frozen", () => {
    const { machine, send } = withBackup();
    machine.run(machine.fs.mountOperations.freeze());
    expect(machine.answer(send())).toBe("ok");
  });

  it("lets others deduplicate from the snapshot, which is only read", () => {
    const { machine, send } = withBackup();
    const { fileOperations } = machine.fs;
    const from = () =>
      fileOperations.dedupe(machine.fs.lookup("/backup/one")!, machine.fs.lookup("/two")!, "s");
    expect(beside(machine, send(), from)).toBe("ok");
  });

  it("does not mind that the snapshot is made read-only once more", () => {
    const { machine, send, close } = withBackup();
    expect(beside(machine, send(), close)).toBe("ok");
  });

  it.each([
    ["linux-5.0", "ok"],
    ["linux-6.1", "EAGAIN"],
  ])("and a deduplication into the snapshot do not run together since 5.2: %s says %s", (kernel, answer) => {
    const first = withBackup(kernel);
    expect(beside(first.machine, first.send(), first.dedupe)).toBe(answer);
    const second = withBackup(kernel);
    expect(beside(second.machine, second.dedupe(), second.send)).toBe(answer);
  });
});
