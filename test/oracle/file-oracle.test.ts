import { describe, expect, it } from "vitest";
import {
  type BlockDevice,
  BlockHistory,
  HistoryVerb,
  type OwnerKind,
  OwnerTable,
} from "../../sim/block/index.ts";
import { type BlockHolder, FileOracle, ViolationLedger } from "../../sim/oracle/index.ts";

function setUp(kinds: readonly (readonly [name: string, kind: OwnerKind])[]) {
  const owners = new OwnerTable();
  const ids = new Map(kinds.map(([name, kind]) => [name, owners.add(kind, name).id]));
  const holders: BlockHolder[] = [];
  const ledger = new ViolationLedger();
  const oracle = new FileOracle({ now: () => 7, owners, ledger, holdersOf: () => holders });
  const id = (name: string): number => ids.get(name)!;
  // A disk of which only the name and the history are looked at.
  const device = { name: "vda", history: new BlockHistory() } as unknown as BlockDevice;
  return { oracle, ledger, holders, id, place: { device, block: 40 } };
}

const content = (generation: number) => ({ generation, owner: 0, index: 0 });

describe("the file oracle", () => {
  it("accepts what was written and rejects anything else, once", () => {
    const { oracle, ledger, id, place } = setUp([["/db", "file"]]);
    oracle.wrote(id("/db"), 3, 2, 10);
    oracle.read(id("/db"), 4, content(11), place);
    expect(ledger.total).toBe(0);
    oracle.read(id("/db"), 4, content(99), place);
    oracle.read(id("/db"), 4, content(99), place);
    expect(ledger.byClass().B).toBe(1);
    expect(ledger.totals().corruptFiles).toBe(1);
  });

  it("remembers what a clone held when it was made", () => {
    const { oracle, ledger, id, place } = setUp([
      ["/db", "file"],
      ["/snap/db", "snapshot-file"],
    ]);
    oracle.wrote(id("/db"), 0, 4, 10);
    oracle.cloned(id("/db"), id("/snap/db"), 0, 4);
    oracle.wrote(id("/db"), 0, 4, 20);
    oracle.read(id("/snap/db"), 2, content(12), place);
    expect(ledger.total).toBe(0);
    oracle.read(id("/snap/db"), 2, content(22), place);
    expect(ledger.byClass().F).toBe(1);
  });

  it.each([
    ["B", "/db", "file"],
    ["F", "/snap/db", "snapshot-file"],
    ["C", "tree extent", "metadata"],
  ] as const)("calls a swap write over somebody else's block class %s", (kind, name, ownerKind) => {
    const { oracle, ledger, holders, id, place } = setUp([
      ["/swap", "file"],
      [name, ownerKind],
    ]);
    oracle.wrote(id(name), 5, 1, 10);
    place.device.history.note(3, HistoryVerb.Allocated, 40, 1, id(name), 5);
    holders.push({ owner: id(name), index: 5 });
    oracle.wroteRaw(id("/swap"), place, content(77), 12);
    expect(ledger.byClass()[kind]).toBe(1);
    expect(ledger.listed[0]?.because.map((step) => step.at)).toEqual([3, 7]);
  });

  it("sees nothing wrong in a swap write to the swap file's own block, or to a free one", () => {
    const { oracle, ledger, holders, id, place } = setUp([["/swap", "file"]]);
    oracle.wroteRaw(id("/swap"), place, content(77), 12);
    holders.push({ owner: id("/swap"), index: 12 });
    oracle.wroteRaw(id("/swap"), place, content(78), 12);
    expect(ledger.total).toBe(0);
  });

  it("sees harm when a swap write hits another slot's block of the same file", () => {
    const { oracle, ledger, holders, id, place } = setUp([["/swap", "file"]]);
    holders.push({ owner: id("/swap"), index: 13 });
    oracle.wroteRaw(id("/swap"), place, content(78), 12);
    expect(ledger.byClass().B).toBe(1);
  });
});
