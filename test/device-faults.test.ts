import { describe, expect, it } from "vitest";
import { MILLISECOND } from "../sim/engine/index.ts";
import { plain } from "./support/scenarios.ts";
import { judgeSickDisks, sick, VARIANTS } from "./support/sick-disks.ts";

describe("a disk that is not well", () => {
  judgeSickDisks(40);

  it.each(VARIANTS)(
    "$name: read errors end as SIGBUS of single tasks, never more than there were errors",
    (variant) => {
      const { violations, totals } = sick(variant, "reads", { readErrors: 0.02 });
      expect(totals.byClass.H).toBeGreaterThan(0);
      expect(violations.every(({ got }) => got.includes("SIGBUS"))).toBe(true);
    },
  );

  it.each(VARIANTS)("$name: after write errors every page is still right", (variant) => {
    const { totals, counters } = sick(variant, "writes", { writeErrors: 0.05 });
    expect(totals.corruptPages).toBe(0);
    expect(counters["pswpin"]).toBeGreaterThan(100);
  });

  it("spikes show in the slowest faults", () => {
    const slow = sick(plain("pinned"), "slow", { spikes: 0.01, spikeTime: 30 * MILLISECOND });
    expect(slow.faultLatencyNs.max).toBeGreaterThan(30 * MILLISECOND);
    expect(sick(plain("pinned"), "slow", {}).faultLatencyNs.max).toBeLessThan(30 * MILLISECOND);
  });
});
