import { describe, expect, it } from "vitest";
import { GIB, PAGE_SIZE } from "../../../sim/engine/index.ts";
import { copiesOf, spoil } from "../support/bad-blocks.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

describe("a scrub", () => {
  const busy = () => {
    const machine = new BtrfsMachine({
      model: "ssd-sata-slow",
      sizes: [GIB, GIB, GIB],
      spare: 1,
      mount: { metadata: "single" },
    });
    machine.create("/file", 20_000);
    return machine;
  };

  it("is refused while another one runs, and goes on after it", () => {
    const machine = busy();
    machine.start(machine.fs.volume.scrub("first"));
    expect(machine.answer(machine.fs.volume.scrub("second"))).toBe("EINPROGRESS");
    expect(machine.answer(machine.fs.volume.scrub("third"))).toBe("ok");
  });

  it("is refused while a device is replaced", () => {
    const machine = busy();
    machine.start(machine.fs.volume.replaceDevice(machine.devices[0]!, machine.devices[2]!, "replace"));
    expect(machine.answer(machine.fs.volume.scrub("scrub"))).toBe("EINPROGRESS");
  });

  it("finds tree blocks that were overwritten in one copy, and repairs them from the other", () => {
    const machine = new BtrfsMachine({ sizes: [GIB] });
    machine.create("/file", 100);
    machine.run(machine.fs.sync());
    const metadata = machine.fs.chunks().find(({ flags }) => flags.startsWith("metadata"))!;
    const first = metadata.stripes[0]!.physical / PAGE_SIZE;
    for (let at = 0; at < 64; at++) machine.device.contents.write(first + at, 4_000_000 + at, 0, 0);
    expect(machine.run(machine.fs.volume.scrub("step"))).toMatchObject({
      errno: undefined,
      achieved: expect.stringMatching(/, [1-9]\d* errors corrected, 0 not/),
    });
    expect(machine.problems()).toEqual([]);
    expect(machine.run(machine.fs.volume.scrub("step")).achieved).toMatch(/, 0 errors corrected, 0 not/);
  });

  it("goes to another copy for a block that cannot be read", () => {
    const machine = new BtrfsMachine({ sizes: [GIB, GIB], mount: { data: "raid1", metadata: "raid1" } });
    const file = machine.create("/file", 100);
    spoil(machine, machine.devices[0]!, "read", copiesOf(machine, file, 7)[0]!);
    expect(machine.run(machine.fs.volume.scrub("step"))).toMatchObject({
      errno: undefined,
      achieved: expect.stringContaining("1 errors corrected, 0 not"),
    });
  });

  it("counts a block as lost only if it can be read nowhere", () => {
    const machine = new BtrfsMachine({ sizes: [GIB, GIB], mount: { data: "raid1", metadata: "raid1" } });
    const file = machine.create("/file", 100);
    for (const at of [0, 1]) spoil(machine, machine.devices[at]!, "read", copiesOf(machine, file, 7)[at]!);
    // Each of the two devices finds its own copy unreadable.
    expect(machine.run(machine.fs.volume.scrub("step"))).toMatchObject({
      errno: "EIO",
      achieved: expect.stringContaining("0 errors corrected, 2 not"),
    });
  });
});
