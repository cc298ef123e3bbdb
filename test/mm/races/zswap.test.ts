import { describe, expect, it } from "vitest";
import { lockedForEver } from "../../../sim/breaches.ts";
import type { AddressSpace } from "../../../sim/mm/index.ts";
import { entryOf, shrinkZswap } from "../../../sim/mm/index.ts";
import { readNow } from "../../../sim/mm/page-io.ts";
import { RaceMachine } from "../../support/race-machine.ts";

interface Options {
  readonly slots?: number;
  readonly inMemory?: boolean;
  readonly kernel?: string;
  /** Bytes that each page compresses to by now. */
  readonly compressedSize?: (page: number) => number;
}

/** A program whose page 0 was stored to, pushed out and is kept by zswap. */
function keptByZswap(
  faults: readonly string[],
  { compressedSize = () => 400, ...options }: Options = {},
): { readonly machine: RaceMachine; readonly space: AddressSpace } {
  const zswap = { zpool: "zbud", maxPages: 10 };
  const machine = new RaceMachine({ zswap, faults, ...options });
  const space = machine.program(4, { compressedSize });
  machine.alone(machine.thread(space, "w0")).alone(machine.evict(space, 0));
  expect(machine.mm.zswap!.pages).toBe(1);
  return { machine, space };
}

describe("KB-28a: zswap in front of zram, whose faults read into a page of their own", () => {
  /** Two threads read the slot, and one of the two pages is thrown away: kernels without the claim of KB-27. */
  function readTwice(faults: readonly string[]) {
    const { machine, space } = keptByZswap([...faults, "noPinSlotOnRead"], { inMemory: true });
    return machine.race(
      { A: machine.thread(space, "r0"), B: machine.thread(space, "r0") },
      `A  until do_swap_page (pte_same)
       B  goes on
       A  goes on`,
    );
  }

  it("the second reader finds nothing but zeroes if the first one took the only copy with it", () => {
    expect(readTwice(["zswapDropsAtLoad"]).wrong).toEqual(["A"]);
  });

  it("both find the page if it stays in the pool until its slot goes", () => {
    expect(readTwice([])).toMatchObject({ wrong: [], broken: [], outcome: "finished" });
  });

  it("a copy that is given up at the read of a page in the swap cache does no harm: the page is dirty", () => {
    const { machine, space } = keptByZswap(["zswapDropsAtLoad"], { slots: 20 });
    machine.alone(machine.thread(space, "r0"));
    expect(machine.mm.zswap!.pages).toBe(0);
    machine.alone(machine.evict(space, 0)).alone(machine.thread(space, "r0"));
    expect(machine.ledger.total).toBe(0);
  });
});

describe("KB-28b: zswap does not take the newer page", () => {
  function storedAgain(faults: readonly string[]) {
    let size = 400;
    const { machine, space } = keptByZswap(faults, { slots: 20, compressedSize: () => size });
    // The slot is kept as a stale copy while the page is in memory and changes.
    machine.alone(machine.thread(space, "r0 w0"));
    size = 5000;
    machine.alone(machine.evict(space, 0)).alone(machine.thread(space, "r0"));
    return { wrong: machine.ledger.listed.map(({ class: kind }) => kind), vm: machine.mm.vm };
  }

  it("the older copy hides the newer one on the disk", () => {
    const { wrong, vm } = storedAgain(["noZswapInvalidate"]);
    expect(wrong).toEqual(["A"]);
    expect(vm.pswpin).toBe(0);
  });

  it("without an older copy the disk is asked", () => {
    const { wrong, vm } = storedAgain([]);
    expect(wrong).toEqual([]);
    expect(vm.pswpin).toBe(1);
  });
});

describe("zswap has an older copy of a page that has become zeroes (6.18)", () => {
  it.each(["past the swap cache", "through it"])("a read %s gives zeroes", (way) => {
    let size = 400;
    const options = { slots: 20, kernel: "linux-6.18", compressedSize: () => size };
    const { machine, space } = keptByZswap([], options);
    const { mm } = machine;
    machine.alone(machine.thread(space, "r0 w0"));
    size = 0;
    machine.alone(machine.evict(space, 0));
    const entry = entryOf(space.pte(0));
    const zeroes = mm.zeromap.get(entry);
    expect(zeroes).not.toEqual(mm.zswap!.load(entry));
    if (way === "through it") machine.alone(machine.thread(space, "r0"));
    else expect(readNow(mm, entry)).toEqual(zeroes);
    expect(machine.ledger.total).toBe(0);
    expect([mm.vm.swpin_zero, mm.vm.pswpin]).toEqual([1, 0]);
  });
});

describe("KB-28c, d: the slot of an entry is used again while the entry is written back", () => {
  function writtenBack(faults: readonly string[], script: string) {
    const { machine, space } = keptByZswap(faults);
    const result = machine.race(
      {
        shrink: shrinkZswap(machine.mm, machine.mm.zswap!),
        owner: machine.thread(space, "w0 w1"),
        reclaim: machine.evict(space, 1),
        reader: machine.thread(space, "r1"),
      },
      script,
    );
    machine.alone(machine.thread(space, "r0 r1"));
    return { ...result, wrong: machine.ledger.listed.map(({ class: kind }) => kind), machine };
  }

  /** Page 0 comes back and gives its slot to page 1 before the shrinker has put a page in the swap cache. */
  const USED_AGAIN = `
    shrink   until zswap_get_swap_cache_page
    owner    goes on
    reclaim  goes on
    shrink   goes on
    reader   goes on`;

  it("c: bytes of page 0 come to lie in the slot of page 1", () => {
    expect(writtenBack(["noZswapRecheck"], USED_AGAIN).wrong).toEqual(["A"]);
  });

  it("c: an entry that is looked up again is not written to somebody else's slot", () => {
    const { wrong, broken, outcome, machine } = writtenBack([], USED_AGAIN);
    expect({ wrong, broken, outcome }).toEqual({ wrong: [], broken: [], outcome: "finished" });
    expect(machine.mm.zswap!.stats.writtenBack).toBe(0);
  });

  it("c: an entry whose slot stays its own is written back and found on the disk", () => {
    const { machine, space } = keptByZswap([]);
    const { mm, transport, ledger } = machine;
    machine.alone(shrinkZswap(mm, mm.zswap!));
    expect(mm.zswap!.stats.writtenBack).toBe(1);
    expect(transport.contents.size).toBe(1);
    machine.alone(machine.thread(space, "r0"));
    expect({ wrong: ledger.total, broken: machine.broken() }).toEqual({ wrong: 0, broken: [] });
  });

  it("c: a fault that waits for the page which the shrinker takes back finds the right one", () => {
    const script = `
      shrink   until zswap_get_swap_cache_page
      owner    goes on
      reclaim  goes on
      shrink   until zswap_rb_search
      reader   goes on
      shrink   goes on`;
    const { wrong, broken, outcome } = writtenBack([], script);
    expect({ wrong, broken, outcome }).toEqual({ wrong: [], broken: [], outcome: "finished" });
  });

  it("d: the page that is given up stays locked for ever", () => {
    const stranded = (faults: readonly string[]) => {
      const { wrong, broken, machine } = writtenBack(faults, USED_AGAIN);
      expect({ wrong, broken }).toEqual({ wrong: [], broken: [] });
      return [...lockedForEver(machine.mm)].length;
    };
    expect([stranded(["noZswapUnlock"]), stranded([])]).toEqual([1, 0]);
  });
});
