import { describe, expect, it } from "vitest";
import type { SimulatedDevice } from "../../../sim/block/index.ts";
import { GIB } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const MIRRORED = { data: "raid1", metadata: "raid1" };

/** A mirrored filesystem; these of its devices cannot discard. */
function machineWithout(...unable: readonly number[]) {
  const machine = new BtrfsMachine({ sizes: [GIB, GIB], mount: MIRRORED });
  for (const at of unable) {
    const device = machine.devices[at]!;
    Object.assign(device, { model: { ...device.model, supportsDiscard: false } });
  }
  return machine;
}

/** Writes something, takes it away, trims, and tells whether its place is empty afterwards. */
function discards(machine: BtrfsMachine, device: SimulatedDevice): boolean {
  const file = machine.create("/file", 100);
  const { block } = machine.fs.bmap(file, 0)!;
  const row = machine.fs.chunks().find(({ flags }) => flags.startsWith("data"))!;
  const offset = (row.stripes[machine.devices.indexOf(device)]!.physical - row.stripes[0]!.physical) / 4096;
  machine.run(machine.fs.unlink("/file", "step"));
  machine.run(machine.fs.sync());
  expect(machine.answer(machine.fs.trim("step"))).toBe("ok");
  return device.contents.at(block + offset).generation === 0;
}

describe("trim", () => {
  it("passes over a device that cannot discard", () => {
    const able = machineWithout(1);
    expect(discards(able, able.devices[0]!)).toBe(true);
    const unable = machineWithout(1);
    expect(discards(unable, unable.devices[1]!)).toBe(false);
  });

  it("is refused if no device can", () => {
    const machine = machineWithout(0, 1);
    expect(machine.answer(machine.fs.trim("step"))).toBe("EOPNOTSUPP");
  });

  it("goes on without a device that is lost", () => {
    const machine = machineWithout();
    machine.run(machine.fs.volume.loseDevice(machine.devices[1]!, "step"));
    expect(machine.answer(machine.fs.trim("step"))).toBe("ok");
    expect(machine.problems()).toEqual([]);
  });
});
