import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameTable, NO_FRAME, PG } from "../../../sim/mm/frame-table.ts";
import { Mobility, type ZoneSpec } from "../../../sim/mm/zones/zone.ts";
import { ZoneList } from "../../../sim/mm/zones/zone-list.ts";

const marks = { min: 10, low: 20, high: 30 };

function zonesOf(...specs: readonly Partial<ZoneSpec>[]): ZoneList {
  const full = specs.map((spec, index) => ({
    name: `zone ${index}`,
    frames: 2048,
    free: 2048,
    marks,
    lowmemReserve: 0,
    ...spec,
  }));
  const frames = new FrameTable(full.reduce((sum, { frames: count }) => sum + count, 0));
  return new ZoneList(frames, full, 1);
}

/** The DMA zone of the measured machine: a boot block with so many free frames, seven free movable ones. */
const dma = (inBootBlock: number): Partial<ZoneSpec> => ({
  frames: 4096,
  free: 3584 + inBootBlock,
  fragmentation: { inBootBlock, inPieces: 0, pcpBatch: 0 },
});

/** Takes movable frames until the zone is boosted; how many that were, or undefined if it never is. */
function framesUntilBoost(zones: ZoneList): number | undefined {
  for (let taken = 0; zones.take("min", Mobility.Movable) !== NO_FRAME; taken++) {
    if (zones.lastZone.boost > 0) return taken;
  }
  return undefined;
}

describe("zones", () => {
  it("are used from the highest down, each to its mark", () => {
    const zones = zonesOf({}, {});
    const from: number[] = [];
    while (zones.take("low", Mobility.Movable) !== NO_FRAME) from.push(zones.lastZone.index);
    expect(from.filter((zone) => zone === 1)).toHaveLength(2048 - 20);
    expect(from.filter((zone) => zone === 0)).toHaveLength(2048 - 20);
    expect(from.indexOf(0)).toBe(from.lastIndexOf(1) + 1);
  });

  it("keep a reserve from requests that a higher zone could serve", () => {
    const zones = zonesOf({ lowmemReserve: 500 }, {});
    while (zones.take("low", Mobility.Movable) !== NO_FRAME) {}
    expect(zones.zones.map(({ free }) => free)).toEqual([20 + 500, 20]);
    expect(zones.isBalanced(0)).toBe(true);
    expect(zones.isBalanced(1)).toBe(false);
  });
});

describe("a zone whose movable frames are used up", () => {
  it("breaks into the boot block and is boosted by a block", () => {
    const zones = zonesOf(dma(215));
    expect(framesUntilBoost(zones)).toBe(3584);
    expect(zones.lastZone).toMatchObject({ boost: 512, isNewlyBoosted: true });
  });

  it("is boosted no higher than half as much again as its high mark, or one block", () => {
    const zones = zonesOf({ ...dma(215), marks: { min: 1, low: 2, high: 600 } });
    while (zones.take("min", Mobility.Movable) !== NO_FRAME) {}
    expect(zones.lastZone.boost).toBeLessThanOrEqual(900);
  });

  it("gives out whole blocks of the other kind without a boost", () => {
    const zones = zonesOf({
      frames: 1024,
      free: 1024,
      fragmentation: { inBootBlock: 0, inPieces: 0, pcpBatch: 0 },
    });
    zones.take("min", Mobility.Unmovable);
    expect(zones.lastZone.boost).toBe(0);
  });
});

describe("buddy lists", () => {
  it.each([0, 7])(
    "give every frame once and join what comes back, with per-CPU batches of %d",
    (pcpBatch) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.constantFrom(0, 1)), { maxLength: 400 }),
          (steps) => {
            const zones = zonesOf({
              free: 1500,
              fragmentation: { inBootBlock: 100, inPieces: 60, pcpBatch },
            });
            const held: number[] = [];
            for (const [take, pick, mobility] of steps) {
              if (take || held.length === 0) {
                const frame = zones.take("min", mobility);
                if (frame === NO_FRAME) continue;
                expect(held).not.toContain(frame);
                held.push(frame);
              } else {
                zones.release(held.splice(pick % held.length, 1)[0]!);
              }
              expect(zones.free + zones.cached + held.length).toBe(1500);
            }
            for (const frame of held) zones.release(frame);
            zones.drain();
            expect(zones.free).toBe(1500);
            expect(zones.check()).toEqual([]);
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  it("leave the kernel's frames alone", () => {
    const spec = { frames: 1024, free: 300, fragmentation: { inBootBlock: 0, inPieces: 0, pcpBatch: 0 } };
    const frames = new FrameTable(1024);
    const zones = new ZoneList(frames, [{ name: "z", marks, lowmemReserve: 0, ...spec }], 1);
    const kernels = Array.from({ length: 1024 }, (_, frame) => frame).filter((frame) =>
      frames.has(frame, PG.Allocated),
    );
    expect(kernels).toHaveLength(724);
    while (zones.take("min", Mobility.Movable) !== NO_FRAME) {}
    expect(zones.free).toBe(10);
  });
});
