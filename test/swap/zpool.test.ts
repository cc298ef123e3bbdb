import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_HANDLE, zpools } from "../../sim/swap/zpool/index.ts";
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

describe("zbud", () => {
  it.each([
    [3968, true],
    [3969, false],
    [1, true],
    [0, false],
  ])("takes an object of %d bytes: %s", (bytes, taken) => {
    expect(pool("zbud").pool.allocate(bytes) !== NO_HANDLE).toBe(taken);
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

  it("names the objects of the page that got its last one longest ago", () => {
    const { pool: zbud } = pool("zbud");
    const handles = [3000, 3000, 500].map((bytes) => zbud.allocate(bytes));
    expect(zbud.oldest()).toEqual([handles[0]]);
  });
});

describe("z3fold", () => {
  it("packs three to a page", () => {
    const { pool: z3fold } = pool("z3fold");
    for (let object = 0; object < 9; object++) z3fold.allocate(1300);
    expect(z3fold.pages).toBe(3);
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

  it("gives a group of pages back when its last object goes", () => {
    const { pool: zsmalloc, port } = pool("zsmalloc");
    const handles = Array.from({ length: 6 }, () => zsmalloc.allocate(3200));
    expect([zsmalloc.pages, port.pages]).toEqual([8, 8]);
    for (const handle of handles) zsmalloc.free(handle);
    expect([zsmalloc.pages, port.pages]).toEqual([0, 0]);
  });

  it("takes nothing when there are too few pages for a group", () => {
    const { pool: zsmalloc, port } = pool("zsmalloc", counted(3));
    expect(zsmalloc.allocate(3200)).toBe(NO_HANDLE);
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
            if (handle !== NO_HANDLE) held.set(handle, bytes);
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
