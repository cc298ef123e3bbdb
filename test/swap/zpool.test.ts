import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evict, type Handle, NO_MEMORY, TOO_LARGE, zpools } from "../../sim/swap/zpool/index.ts";
import { sizeClasses } from "../../sim/swap/zpool/zsmalloc.ts";
import { Zswap } from "../../sim/swap/zswap.ts";

/** Pages that are given and taken back, up to a limit. */
function counted(limit = Number.POSITIVE_INFINITY) {
  const port = {
    pages: 0,
    take(): boolean {
      if (port.pages >= limit) return false;
      port.pages++;
      return true;
    },
    give(): void {
      port.pages--;
    },
  };
  return port;
}

const pool = (name: string, port = counted()) => ({ port, pool: zpools.require(name).create(port) });

/** Shrinks to the end; evicts what `willing` allows, and returns what was asked for. */
function shrink(zpool: ReturnType<typeof pool>["pool"], willing: (handle: Handle) => boolean) {
  const asked: Handle[] = [];
  const evict: Evict = function* (handle) {
    asked.push(handle);
    if (willing(handle)) zpool.free(handle);
    return willing(handle);
  };
  return { emptied: zpool.shrink(evict).next().value, asked };
}

describe("zbud", () => {
  it.each([
    [3968, true],
    [3969, false],
    [1, true],
    [0, false],
  ])("takes an object of %d bytes: %s", (bytes, taken) => {
    expect(pool("zbud").pool.allocate(bytes)).toBe(taken ? 0 : TOO_LARGE);
  });

  it.each([
    [1984, 10, 5],
    [2048, 10, 10],
  ])(
    "pairs objects that fit into 63 chunks together: of %d bytes, %d take %d pages",
    (bytes, objects, pages) => {
      const { pool: zbud } = pool("zbud");
      for (let object = 0; object < objects; object++) zbud.allocate(bytes);
      expect(zbud.pages).toBe(pages);
    },
  );

  it("fills the half page that a freed object left", () => {
    const { pool: zbud } = pool("zbud");
    const [first] = [zbud.allocate(1000), zbud.allocate(1000)];
    zbud.free(first!);
    zbud.allocate(1000);
    expect(zbud.pages).toBe(1);
  });

  it("empties the page that got its last object longest ago", () => {
    const { pool: zbud } = pool("zbud");
    const [first] = [3000, 3000, 500].map((bytes) => zbud.allocate(bytes));
    expect(shrink(zbud, () => true)).toEqual({ emptied: true, asked: [first] });
    expect(zbud.pages).toBe(1);
  });

  it("goes on to the next page when one object stays, and takes the page for a young one then", () => {
    const { pool: zbud } = pool("zbud");
    const [a, b, c] = [1000, 1000, 3000].map((bytes) => zbud.allocate(bytes));
    expect(shrink(zbud, (handle) => handle !== a)).toEqual({ emptied: true, asked: [a, c] });
    const d = zbud.allocate(3000);
    expect(shrink(zbud, () => true)).toEqual({ emptied: true, asked: [a, b] });
    expect(shrink(zbud, () => true)).toEqual({ emptied: true, asked: [d] });
    expect(shrink(zbud, () => true)).toEqual({ emptied: false, asked: [] });
  });

  it("evicts the first object of a page before the last, whichever came later", () => {
    const { pool: zbud } = pool("zbud");
    const [a, b] = [zbud.allocate(1000), zbud.allocate(1000)];
    zbud.free(a!);
    const c = zbud.allocate(1000);
    expect(shrink(zbud, () => true).asked).toEqual([c, b]);
  });

  it("gives up after eight tries", () => {
    const { pool: zbud } = pool("zbud");
    const handles = Array.from({ length: 3 }, () => zbud.allocate(3000));
    const [a, b, c] = handles;
    expect(shrink(zbud, () => false)).toEqual({ emptied: false, asked: [a, b, c, a, b, c, a, b] });
    expect(zbud.pages).toBe(3);
  });

  it("puts nothing new into a page that is being emptied", () => {
    const { pool: zbud } = pool("zbud");
    const [a, b] = [zbud.allocate(1000), zbud.allocate(1000)];
    const evict: Evict = function* (handle) {
      zbud.free(handle);
      if (handle === a) zbud.allocate(1000);
      return true;
    };
    expect(zbud.shrink(evict).next().value).toBe(true);
    expect(() => zbud.free(b!)).toThrow("a freed object was allocated");
    expect(zbud.pages).toBe(1);
  });
});

describe("z3fold", () => {
  it("packs three to a page", () => {
    const { pool: z3fold } = pool("z3fold");
    for (let object = 0; object < 9; object++) z3fold.allocate(1280);
    expect(z3fold.pages).toBe(3);
  });

  /** A pool with objects of so many chunks. */
  const allocated = (...chunks: number[]) => {
    const made = pool("z3fold");
    return { ...made, handles: chunks.map((size) => made.pool.allocate(size * 64)) };
  };

  it("moves a middle object out of the way, so that the free space is in one piece", () => {
    // Chunks 2 to 11, 54 to 63 and 12 to 21: there are 32 free after the middle object.
    const { pool: z3fold, handles } = allocated(10, 10, 10);
    z3fold.free(handles[0]!);
    // It moved up to the last one: 42 in one piece before it.
    z3fold.allocate(42 * 64);
    expect(z3fold.pages).toBe(1);
  });

  it("does not move a middle object for two chunks", () => {
    const { pool: z3fold, handles } = allocated(3, 55, 2);
    z3fold.free(handles[0]!);
    z3fold.allocate(5 * 64);
    expect(z3fold.pages).toBe(2);
  });

  it("moves the only object of a page into another page, which reclaim then leaves alone", () => {
    const { pool: z3fold, handles } = allocated(30, 33, 20);
    z3fold.free(handles[1]!);
    expect(z3fold.pages).toBe(1);
    expect(shrink(z3fold, () => true).asked).toEqual([]);
    z3fold.free(handles[2]!);
    expect(shrink(z3fold, () => true).asked).toEqual([handles[0]]);
  });

  it("evicts the middle object first, then the first and the last", () => {
    const { pool: z3fold, handles } = allocated(10, 11, 12);
    expect(shrink(z3fold, () => true).asked).toEqual([handles[2], handles[0], handles[1]]);
  });

  it.each([
    [3904, 1],
    [3905, 2],
  ])(
    "has room for a small object beside one of %d bytes if a header and a chunk remain: %d pages",
    (bytes, pages) => {
      const { pool: z3fold } = pool("z3fold");
      z3fold.allocate(bytes);
      z3fold.allocate(64);
      expect(z3fold.pages).toBe(pages);
    },
  );

  it.each([
    [4096, 0],
    [4097, TOO_LARGE],
  ])("takes up to a whole page: %d bytes give %d", (bytes, handle) => {
    expect(pool("z3fold").pool.allocate(bytes)).toBe(handle);
  });
});

describe("zsmalloc", () => {
  it("has the size classes of 6.1 near the top: five objects of 3264 bytes in four pages, then 3072, 2720", () => {
    const classes = sizeClasses().toReversed();
    expect(classes.slice(0, 4)).toEqual([
      { bytes: 4096, pages: 1, objects: 1 },
      { bytes: 3264, pages: 4, objects: 5 },
      { bytes: 3072, pages: 3, objects: 4 },
      { bytes: 2720, pages: 2, objects: 3 },
    ]);
  });

  it("fills the fuller group first", () => {
    const { pool: zsmalloc } = pool("zsmalloc");
    // Seven objects of 2336 bytes to a group of four pages.
    const handles = Array.from({ length: 21 }, () => zsmalloc.allocate(2300));
    const freed = (group: number, objects: number) => handles.slice(group * 7, group * 7 + objects);
    for (const handle of [...freed(0, 6), ...freed(1, 1), ...freed(2, 2)]) zsmalloc.free(handle!);
    for (let object = 0; object < 3; object++) zsmalloc.allocate(2300);
    zsmalloc.free(handles[6]!);
    expect(zsmalloc.pages).toBe(8);
  });

  it("gives a group of pages back when its last object goes", () => {
    const { pool: zsmalloc, port } = pool("zsmalloc");
    const handles = Array.from({ length: 6 }, () => zsmalloc.allocate(3200));
    expect([zsmalloc.pages, port.pages]).toEqual([8, 8]);
    for (const handle of handles) zsmalloc.free(handle);
    expect([zsmalloc.pages, port.pages]).toEqual([0, 0]);
  });

  it("takes nothing when there are too few pages for a group", () => {
    const { pool: zsmalloc, port } = pool("zsmalloc", counted(3));
    expect(zsmalloc.allocate(3200)).toBe(NO_MEMORY);
    expect(port.pages).toBe(0);
  });
});

describe("every allocator", () => {
  it.each(zpools.names())("%s has a page for what it holds and gives all of them back", (name) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 4200 }), fc.boolean(), fc.nat())), (steps) => {
        const { pool: zpool, port } = pool(name);
        const held = new Map<number, number>();
        for (const [bytes, free, pick] of steps) {
          if (free && held.size > 0) {
            const handle = [...held.keys()][pick % held.size]!;
            zpool.free(handle);
            held.delete(handle);
          } else {
            const handle = zpool.allocate(bytes);
            if (handle >= 0) held.set(handle, bytes);
          }
          const total = [...held.values()].reduce((sum, size) => sum + size, 0);
          expect(zpool.pages * 4096).toBeGreaterThanOrEqual(total);
          expect(port.pages).toBe(zpool.pages);
        }
        for (const handle of held.keys()) zpool.free(handle);
        expect(port.pages).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe("zswap", () => {
  const content = { generation: 1, owner: 0, index: 0 };
  const silent = { charge() {}, uncharge() {} };

  it("refuses after twice its limit and one pairs, as the measured machine did: 2341 of 1170 pages", () => {
    const zswap = new Zswap({ zpool: "zbud", maxPages: 1170 }, counted(), silent);
    let stored = 0;
    while (zswap.store(stored, content, 573, 0)) stored++;
    expect(stored).toBe(2341);
    expect(zswap.stats.poolLimitHit).toBe(1);
  });

  it("takes pages again only below nine tenths of the limit", () => {
    const zswap = new Zswap({ zpool: "zbud", maxPages: 100 }, counted(), silent);
    for (let entry = 0; entry < 202; entry++) zswap.store(entry, content, 573, 0);
    for (let entry = 0; entry < 22; entry++) zswap.invalidate(entry);
    expect([zswap.pages, zswap.store(500, content, 573, 0)]).toEqual([90, false]);
    zswap.invalidate(22);
    zswap.invalidate(23);
    expect([zswap.pages, zswap.store(500, content, 573, 0)]).toEqual([89, true]);
  });

  it.each([
    [0, true, 0],
    [4096, false, 0],
    [4097, false, 0],
    [3960, true, 1],
    [3961, false, 0],
  ])("keeps a page that compresses to %d bytes: %s", (length, kept, pages) => {
    const zswap = new Zswap({ zpool: "zbud", maxPages: 100 }, counted(), silent);
    expect(zswap.store(1, content, length, 0)).toBe(kept);
    expect(zswap.pages).toBe(pages);
    expect(zswap.load(1)).toEqual(kept ? content : undefined);
  });

  it("counts a page that is too large apart from one for which there is no memory", () => {
    const zswap = new Zswap({ zpool: "zbud", maxPages: 100 }, counted(1), silent);
    for (const [entry, length] of [3000, 3000, 4090].entries()) zswap.store(entry, content, length, 0);
    expect(zswap.stats).toMatchObject({ rejectAllocFail: 1, rejectCompressPoor: 1 });
  });

  it("drops an old copy even when the new one is refused", () => {
    const zswap = new Zswap({ zpool: "zbud", maxPages: 100 }, counted(), silent);
    zswap.store(1, content, 500, 0);
    zswap.store(1, { ...content, generation: 2 }, 5000, 0);
    expect(zswap.load(1)).toBeUndefined();
  });

  it("charges what it keeps to the owner, and gives it back", () => {
    const charged = new Map<number, number>();
    const charge = {
      charge: (owner: number, bytes: number) => charged.set(owner, (charged.get(owner) ?? 0) + bytes),
      uncharge: (owner: number, bytes: number) => charged.set(owner, (charged.get(owner) ?? 0) - bytes),
    };
    const zswap = new Zswap({ zpool: "zsmalloc", maxPages: 100 }, counted(), charge);
    zswap.store(1, content, 700, 3);
    zswap.store(2, content, 300, 4);
    zswap.invalidate(1);
    expect([...charged]).toEqual([
      [3, 0],
      [4, 300],
    ]);
  });
});
