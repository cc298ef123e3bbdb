import { describe, expect, it } from "vitest";
import { GIB, MIB, SECOND } from "../../../sim/engine/index.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";
import { blocks, course, prealloc, swapon } from "../support/measured.ts";

/** The chunk trees of a real Linux 6.1 (boot conf2) after one balance upon the other. */

describe("a swap file of 128 MiB on 2 GiB through every kind of balance", () => {
  const machine = new BtrfsMachine({ size: 2 * GIB });
  // Of how many extents dd had made the files shows in "found 4 extents" and "found 6 extents".
  machine.create("/d1", blocks(157_286_400), { extents: 5 });
  prealloc(machine, "/sw", 128 * MIB);
  machine.create("/d2", blocks(157_286_400), { extents: 5 });
  machine.create("/file", blocks(32 * MIB));
  machine.create("/nc", blocks(32 * MIB), { nocow: true });
  swapon(machine, "/sw");
  machine.wait(31 * SECOND);
  const chunksAfter = (...balances: Parameters<typeof machine.fs.volume.balance>[0][]): readonly string[] => {
    for (const filters of balances) machine.run(machine.fs.volume.balance(filters, "s"));
    return machine.chunks();
  };
  const SWAP = "data 355860480+218103808 at 1:471597056";

  it("has the chunks of the kernel after a full one", () => {
    expect(chunksAfter({ type: "all" })).toEqual([
      SWAP,
      "data 792068096+218103808 at 1:907804672",
      "data 1010171904+218103808 at 1:1125908480",
      "metadata|dup 1228275712+218103808 at 1:1344012288 1:1562116096",
      "system|dup 1446379520+33554432 at 1:253493248 1:287047680",
    ]);
  });

  it("has them after one of data, and after one of metadata", () => {
    expect(chunksAfter({ type: "data" })).toEqual([
      SWAP,
      "metadata|dup 1228275712+218103808 at 1:1344012288 1:1562116096",
      "system|dup 1446379520+33554432 at 1:253493248 1:287047680",
      "data 1479933952+218103808 at 1:1780219904",
      "data 1698037760+218103808 at 1:1048576",
    ]);
    expect(chunksAfter({ type: "metadata" })).toEqual([
      SWAP,
      "data 1479933952+218103808 at 1:1780219904",
      "data 1698037760+218103808 at 1:1048576",
      "system|dup 1916141568+33554432 at 1:320602112 1:354156544",
      "metadata|dup 1949696000+218103808 at 1:689700864 1:907804672",
    ]);
  });

  it("has them after one of system, one of a single chunk, and one of the device", () => {
    expect(
      chunksAfter({ type: "system", force: true }, { type: "data", limit: 1 }, { type: "data", devid: 1 }),
    ).toEqual([
      SWAP,
      "metadata|dup 1949696000+218103808 at 1:689700864 1:907804672",
      "system|dup 2167799808+33554432 at 1:219152384 1:252706816",
      "data 2419458048+218103808 at 1:1344012288",
      "data 2637561856+218103808 at 1:1048576",
    ]);
  });

  it("has them after a conversion to DUP", () => {
    expect(chunksAfter({ type: "data", convert: "dup", force: true })).toEqual([
      SWAP,
      "metadata|dup 1949696000+218103808 at 1:689700864 1:907804672",
      "system|dup 2167799808+33554432 at 1:219152384 1:252706816",
      "data|dup 2855665664+218103808 at 1:1562116096 1:1780219904",
      "data|dup 3073769472+109051904 at 1:1125908480 1:1234960384",
      "data|dup 3182821376+109051904 at 1:1048576 1:110100480",
    ]);
  });

  it("has them after everything was converted back", () => {
    expect(
      chunksAfter(
        { type: "data", convert: "single", soft: true, force: true },
        { type: "metadata", convert: "single", force: true },
        { type: "metadata", convert: "dup", force: true },
      ),
    ).toEqual([
      SWAP,
      "data 3291873280+218103808 at 1:1344012288",
      "data 3509977088+185335808 at 1:286261248",
      "data 3695312896+218103808 at 1:1048576",
      "metadata|dup 4165074944+218103808 at 1:689700864 1:907804672",
      "system|dup 4383178752+33554432 at 1:219152384 1:252706816",
    ]);
  });

  it("aborts a transaction when the device shrinks below the metadata, which find no other place", () => {
    machine.lines.length = 0;
    const { volume } = machine.fs;
    expect(machine.answer(volume.resizeDevice(machine.device, 1_025_245_184, "s"))).toBe("EROFS");
    expect(course(machine)).toEqual(["relocate 3291873280", "relocate 4165074944"]);
    expect(machine.lines).toContainEqual(expect.stringContaining("Transaction aborted (error -28)"));
  });
});
