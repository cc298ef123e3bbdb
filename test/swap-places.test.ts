import { describe, expect, it } from "vitest";
import type { SwapTransport } from "../sim/swap/index.ts";
import { SwapPlaces, staleShare } from "../sim/swap-places.ts";
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

describe("what swap would write to blocks that are the file's no longer", () => {
  /** An area on a file of 101 pages; swap writes to where the file lay when it was switched on. */
  function captured() {
    const machine = new BtrfsMachine({});
    const file = machine.create("/swap", 101);
    const places = Array.from({ length: 101 }, (_, block) => machine.fs.bmap(file, block));
    const transport = { placeOf: (slot: number) => places[slot] } as SwapTransport;
    const areas = [{ name: "/swap", slots: 101, transport }];
    return { machine, file, share: () => staleShare({ filesystem: machine.fs, swap: { areas } }) };
  }

  it("is nothing as long as the file stays", () => {
    expect(captured().share()).toBe(0);
  });

  it("is the share that has moved since, the header left out", () => {
    const { machine, file, share } = captured();
    machine.run(machine.fs.write(file, 0, 26));
    expect(share()).toBe(0.25);
  });

  it("is unknown without an area on a file", () => {
    expect(staleShare({ filesystem: undefined, swap: { areas: [] } })).toBeNull();
  });
});
