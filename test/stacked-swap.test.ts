import { describe, expect, it } from "vitest";
import { SECOND } from "../sim/engine/index.ts";
import type { Scenario } from "../sim/index.ts";
import { step } from "./support/scenarios.ts";
import { onCrypt, onLoop, storm } from "./support/stacked-scenes.ts";

describe("swap on a loop device", () => {
  it("brings every page back right while balance moves the file below", () => {
    const { violations, checks, operations, counters } = onLoop({
      tasks: storm(1),
      timeline: [step(0.2, "balance", { vrange: "/image" })],
    });
    expect({ violations, checks }).toEqual({ violations: [], checks: [] });
    expect(operations[0]?.achieved).toContain("relocated");
    expect(counters["pswpin"]).toBeGreaterThan(1000);
    expect(counters["blk.loop0.wr_ios"]).toBeGreaterThan(50);
  });

  it("KB-24: goes on in a storm, because its worker reclaims without I/O", () => {
    expect(onLoop()).toMatchObject({ verdict: "correct", checks: [] });
  });

  it("KB-24: hangs in a storm if its worker may do I/O: it waits for its own queue", () => {
    const { verdict, reason } = onLoop({ faults: ["loopWorkerMayDoIo"], duration: 10 * SECOND });
    expect(verdict).toBe("deadlocked");
    expect(reason).toContain("loop0 waits in blk_mq_get_tag for tags of loop0");
  });

  it("loses its power like any other device", () => {
    const { violations, checks } = onLoop(
      { tasks: storm(1), timeline: [step(0.3, "power-loss")] },
      "ssd-sata",
    );
    expect({ violations, checks }).toEqual({ violations: [], checks: [] });
  });
});

describe("a filesystem on dm-crypt", () => {
  it.each(["pinned", "direct-io", "swap-rw"])("serves %s: every page and file is right", (strategy) => {
    const { verdict, checks } = onCrypt(strategy);
    expect({ verdict, checks }).toEqual({ verdict: "correct", checks: [] });
  });

  it("KB-25: hangs if writers take the pages of one write one by one", () => {
    const { verdict, reason } = onCrypt("direct-io", { faults: ["cryptTakesPiecemeal"] });
    expect(verdict).toBe("deadlocked");
    expect(reason).toContain("kcryptd/secret waits in mempool_alloc (page_pool) for page_pool of secret");
  });

  it("KB-25: leaves pages for others, which Linux 4.6 did not", () => {
    const least = (faults: readonly string[]): number => {
      const timeline: Scenario["timeline"] = [];
      const { recording } = onCrypt("pinned", { faults, timeline, duration: SECOND });
      return Math.min(...recording.gauges.freePages.slice(10));
    };
    expect(least([])).toBeGreaterThan(100);
    expect(least(["cryptDrainsReserves"])).toBeLessThan(least([]));
  });
});
