import { describe, expect, it } from "vitest";
import { GIB } from "../../../sim/engine/index.ts";
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
});
