import { describe, expect, it } from "vitest";
import { type Actor, SECOND } from "../../sim/engine/index.ts";
import { KernelMemory, NO_FRAME, tryToFreePages } from "../../sim/mm/index.ts";
import { listed, MemoryMachine } from "../support/memory-machine.ts";

/** One allocation of so many needs a page. */
const STRUCTURES = 256;

/** A filesystem that wants memory when there is none: who wrote pages out, and did it get what it wanted? */
function want(
  gfp: "GFP_NOFS" | "GFP_KERNEL",
  options: { entersFilesystem?: boolean; reclaiming?: boolean } = {},
): { readonly got: readonly boolean[]; readonly writers: ReadonlySet<string> } {
  const machine = new MemoryMachine({ frames: 300, slots: 900, synchronous: true, ...options });
  const { mm, engine } = machine;
  machine.task(
    "worker",
    listed(
      240,
      Array.from({ length: 240 }, (_, page) => page * 2 + 1),
    ),
    { keep: true },
  );
  machine.run(SECOND);
  while (mm.zones.take("none", 0) !== NO_FRAME);
  machine.transport.writers.clear();
  const memory = new KernelMemory(() => mm);
  const got: boolean[] = [];
  const filesystem = function* (): Actor {
    if (options.reclaiming) mm.reclaimers.add(engine.current);
    for (let count = 0; count < STRUCTURES; count++) got.push(yield* memory.allocate("path", gfp));
  };
  engine.spawn("filesystem", filesystem());
  machine.run(1.2 * SECOND);
  return { got, writers: machine.transport.writers };
}

describe("memory for a filesystem's own structures", () => {
  it("makes it reclaim, so that it swaps out through itself: as in 2014, GFP_NOFS forbids nothing", () => {
    for (const gfp of ["GFP_NOFS", "GFP_KERNEL"] as const) {
      const { got, writers } = want(gfp);
      expect(writers).toContain("filesystem");
      expect(got).toEqual(new Array(STRUCTURES).fill(true));
    }
  });

  it("since 5.19 GFP_NOFS leaves pages behind swap_rw to others", () => {
    const options = { entersFilesystem: true };
    expect(want("GFP_KERNEL", options).writers).toContain("filesystem");
    const { got, writers } = want("GFP_NOFS", options);
    expect([...writers]).toEqual(["kswapd0"]);
    expect(got.slice(0, -1)).not.toContain(false);
  });

  it("is refused, without a wait, to somebody who reclaims already when the reserves are gone", () => {
    const { got, writers } = want("GFP_KERNEL", { reclaiming: true });
    expect(got.at(-1)).toBe(false);
    expect(writers).not.toContain("filesystem");
  });

  it("leaves who reclaims already a reclaimer when a reclaim inside the other ends", () => {
    const { engine, mm } = new MemoryMachine({ frames: 300, slots: 900 }).run(SECOND);
    const still: boolean[] = [];
    const twice = function* (): Actor {
      yield* tryToFreePages(mm, undefined);
      still.push(mm.reclaimers.has(engine.current));
    };
    const once = function* (): Actor {
      yield* new KernelMemory(() => mm).asReclaimer(twice());
      still.push(mm.reclaimers.has(engine.current));
    };
    engine.spawn("filesystem", once());
    engine.run(2 * SECOND);
    expect(still).toEqual([true, false]);
  });

  it("finds memory used up where an explorer wants it to, however much is free, unless it reclaims already", () => {
    const writersOf = (site: "path" | "dbuf", reclaiming: boolean): ReadonlySet<string> => {
      const machine = new MemoryMachine({ frames: 300, slots: 900, synchronous: true });
      const { mm, engine } = machine;
      const pages = Array.from({ length: 40 }, (_, page) => page * 2 + 1);
      machine.task("worker", listed(40, pages), { keep: true });
      machine.run(SECOND);
      const memory = new KernelMemory(
        () => mm,
        (asked) => asked === "path",
      );
      const filesystem = function* (): Actor {
        if (reclaiming) mm.reclaimers.add(engine.current);
        expect(yield* memory.allocate(site, "GFP_NOFS")).toBe(true);
      };
      engine.spawn("filesystem", filesystem());
      machine.run(1.2 * SECOND);
      return machine.transport.writers;
    };
    expect([...writersOf("path", false)]).toEqual(["filesystem"]);
    expect([...writersOf("path", true)]).toEqual([]);
    expect([...writersOf("dbuf", false)]).toEqual([]);
  });
});
