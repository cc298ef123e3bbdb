import { describe, expect, it, vi } from "vitest";
import { GIB } from "../../../sim/engine/index.ts";
import { TreeBlock } from "../../../sim/fs/btrfs/tree-block.ts";
import { OrderedMap } from "../../../sim/fs/ordered-map.ts";
import { BtrfsMachine } from "../support/btrfs-machine.ts";

const WRITES = 200;
const BLOCKS = 16;

/** Searches in nodes of trees, and look-ups in ordered maps, of one write somewhere in a file of so many extents. */
function stepsOfWrite(extents: number): { readonly nodes: number; readonly lookups: number } {
  const machine = new BtrfsMachine({ size: 32 * GIB });
  const file = machine.create("/file", extents * BLOCKS, { extents });
  const nodes = vi.spyOn(TreeBlock.prototype, "slotOf");
  const lookups = (["get", "set", "delete", "atOrBefore", "atOrAfter"] as const).map((name) =>
    vi.spyOn(OrderedMap.prototype, name),
  );
  for (let write = 0; write < WRITES; write++) {
    expect(machine.run(machine.fs.write(file, (write * 7919) % (extents * BLOCKS), 1))).toBeUndefined();
  }
  const calls = lookups.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  const counted = { nodes: nodes.mock.calls.length / WRITES, lookups: calls / WRITES };
  vi.restoreAllMocks();
  return counted;
}

describe("a write among a hundred times as many extents", () => {
  const [few, many] = [stepsOfWrite(1000), stepsOfWrite(100_000)];
  const logarithm = Math.log(100_000) / Math.log(1000);

  it("searches no more nodes of its tree than the logarithm says", () => {
    expect(few.nodes).toBeGreaterThan(5);
    expect(many.nodes / few.nodes).toBeLessThanOrEqual(logarithm);
  });

  it("asks ordered maps, whose answers take logarithmic time, about as often", () => {
    expect(many.lookups / few.lookups).toBeLessThan(1.2);
  });
});
