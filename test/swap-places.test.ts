import { describe, expect, it } from "vitest";
import { SwapPlaces } from "../sim/swap-places.ts";
import { BtrfsMachine } from "./fs/support/btrfs-machine.ts";

describe("how much of a file lies elsewhere", () => {
  it("is counted block by block", () => {
    const machine = new BtrfsMachine({});
    const file = machine.create("/swap", 100);
    const places = new SwapPlaces(machine.fs, [file]);
    expect(places.moved()).toBe(0);
    machine.run(machine.fs.write(file, 40, 3));
    expect(places.moved()).toBe(0.03);
    machine.run(machine.fs.write(file, 0, 100));
    expect(places.moved()).toBe(1);
  });

  it("is nothing for what is written in place", () => {
    const machine = new BtrfsMachine({});
    const file = machine.create("/swap", 100, { nocow: true });
    const places = new SwapPlaces(machine.fs, [file]);
    machine.run(machine.fs.write(file, 40, 3));
    expect(places.moved()).toBe(0);
  });

  it("is unknown without a file", () => {
    expect(new SwapPlaces(new BtrfsMachine({}).fs, []).moved()).toBeNull();
  });
});
