import { describe, expect, it } from "vitest";
import { WitnessTracker } from "../../sim/oracle/index.ts";

const all = () => true;

describe("evidence of relocation", () => {
  it("needs a live slot that an operation met and that was read back afterwards", () => {
    const tracker = new WitnessTracker();
    tracker.slotRead(5);
    tracker.relocated(4, 3, "moved", "balance", "block group relocated", all);
    expect(tracker.slotsReadBack).toBe(0);
    tracker.slotRead(5);
    tracker.slotRead(5);
    expect(tracker).toMatchObject({ slotsRelocated: 3, slotsReadBack: 1 });
  });

  it("does not count slots without a page, nor pages written anew in between", () => {
    const tracker = new WitnessTracker();
    tracker.relocated(0, 4, "skipped", "balance", "active swapfile", (entry) => entry < 2);
    expect(tracker.slotsRelocated).toBe(2);
    tracker.slotWritten(0);
    tracker.slotRead(0);
    tracker.slotRead(3);
    expect(tracker.slotsReadBack).toBe(0);
    expect(tracker.reasons()).toEqual({ "skipped by balance: active swapfile": 2 });
  });
});
