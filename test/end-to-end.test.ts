import { describe, expect, it } from "vitest";
import { MIB, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { Violation } from "../sim/oracle/index.ts";
import type { StrategyResult } from "../sim/result.ts";
import type { Scenario } from "../sim/scenario.ts";
import { memoryTask, plain, smallScenario, step, writerTask } from "./support/scenarios.ts";

const run = (strategy: string, more: Partial<Scenario> = {}): StrategyResult =>
  simulate(smallScenario(more), plain(strategy));

/** The three strategies on the small scenario, recounted every few steps. */
const three = Object.fromEntries(
  ["bmap", "pinned", "direct-io"].map((name) => [
    name,
    simulate(smallScenario(), plain(name), { thorough: true }),
  ]),
);

describe("one machine, three ways to swap", () => {
  it("is corrupt under bmap once balance has moved the swap file", () => {
    const result = three["bmap"]!;
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.A + result.totals.byClass.B).toBeGreaterThan(0);
    expect(result.checks).toEqual([]);
  });

  it("is correct under pinned, because balance skips the swap file's block groups", () => {
    const result = three["pinned"]!;
    expect(result).toMatchObject({ verdict: "correct", violations: [], checks: [] });
    expect(result.operations[0]).toMatchObject({ result: "ok", skipped: [expect.anything()] });
    expect(result.witnesses.slotsReadBackAfterwards).toBeGreaterThan(0);
  });

  it("is correct under direct-io, and the blocks move", () => {
    const result = three["direct-io"]!;
    expect(result).toMatchObject({ verdict: "correct", violations: [], checks: [] });
    expect(Object.keys(result.witnesses.reasons).join()).toContain("moved");
  });

  it("tells the story of a wrong page, from the capture of its address to the read", () => {
    const wrong = three["bmap"]?.violations.find((violation) => violation.class === "A");
    const story = wrong?.because.map((event) => event.what).join("; ");
    expect(story).toContain("swapon wrote down the addresses of");
    expect(story).toContain("left behind");
    expect(story).toContain("the commit made the blocks reusable");
    expect(wrong?.because.map((event) => event.at)).toEqual(
      wrong?.because.map((event) => event.at).toSorted((a, b) => a - b),
    );
  });
});

describe("a power loss", () => {
  const timeline = [
    step(1, "sync"),
    step(2, "reflink", { path: "/db", target: "/copy" }),
    step(2, "balance"),
    step(3, "power-loss"),
    step(4, "sync"),
  ];
  const after = Object.fromEntries(
    ["bmap", "pinned", "direct-io"].map((name) => [name, run(name, { timeline })] as const),
  );

  it.each(["pinned", "direct-io"])("under %s ends the run and leaves a whole filesystem", (strategy) => {
    const { outcome, simulatedNs, checks, violations, witnesses } = after[strategy]!;
    expect({ outcome, simulatedNs, checks, violations }).toEqual({
      outcome: "halted",
      simulatedNs: 3 * SECOND,
      checks: [],
      violations: [],
    });
    expect(witnesses.pagesSwappedOut).toBeGreaterThan(0);
  });

  it("tells what it cost: steps that never ran, and files that no commit had seen", () => {
    const { operations, log } = run("pinned", { timeline: timeline.filter((each) => each.do !== "balance") });
    expect(operations.at(-1)).toMatchObject({
      result: "running",
      achieved: expect.stringContaining("not begun"),
    });
    const achieved = operations.find((operation) => operation.do === "power-loss")!.achieved;
    expect(achieved).toMatch(/^mounted as transaction \d+ left it; made since and lost: \/copy$/);
    expect(log.at(-1)!.line).toContain(achieved);
  });

  it("costs committed data under bmap no more than the running machine does", () => {
    expect(after["bmap"]!.checks).toEqual([]);
    for (const { because } of after["bmap"]!.violations) expect(because.length).toBeGreaterThan(0);
  });

  it("is refused where recovery is not modelled", () => {
    const filesystem = { ...smallScenario().filesystem!, type: "ext4", options: {} };
    const result = run("pinned", { filesystem, timeline: [step(1, "power-loss")] });
    expect(result.operations[0]).toMatchObject({ result: "EOPNOTSUPP" });
  });
});

describe("an aborted transaction", () => {
  const timeline = [
    step(2, "abort-transaction"),
    step(3, "balance"),
    step(3, "write", { path: "/db", offset: 0, length: 4096 }),
  ];

  it.each(["bmap", "pinned", "direct-io"])(
    "leaves a read-only filesystem and right pages under %s",
    (strategy) => {
      const { operations, violations, checks, log } = run(strategy, { timeline, duration: 5 * SECOND });
      expect(operations.map(({ result }) => result)).toEqual(["ok", "EROFS", "EROFS"]);
      expect({ violations, checks }).toEqual({ violations: [], checks: [] });
      expect(log.map(({ line }) => line)).toContain("BTRFS info: forced readonly");
    },
  );

  it("lets nothing reach the disk through the filesystem any more, and hinders no block list", () => {
    const written = (strategy: string, seconds: number): number =>
      run(strategy, { timeline: timeline.slice(0, 1), duration: seconds * SECOND }).counters[
        "blk.vda.wr_ios"
      ]!;
    expect(written("direct-io", 5)).toBe(written("direct-io", 3));
    expect(written("pinned", 5)).toBeGreaterThan(written("pinned", 3));
  });
});

describe("users of an active swap file", () => {
  it.each(["bmap", "pinned", "direct-io"])("can neither remove nor change it under %s", (strategy) => {
    const path = "/swapfile";
    const { operations, verdict } = run(strategy, {
      timeline: [
        step(1, "unlink", { path }),
        step(1, "rename", { path, target: "/elsewhere" }),
        step(1, "write", { path, offset: 0, length: 4096 }),
        step(1, "truncate", { path, size: 4096 }),
        step(1, "fallocate", { path, mode: "punch-hole", offset: 0, length: 4096 }),
        step(1, "copy-range", { path: "/db", target: path, offset: 0, length: 4096 }),
        step(1, "chattr", { path, flag: "+c" }),
        step(1, "remount", { readonly: true }),
        step(1, "umount", {}),
      ],
    });
    const answers = operations.map((operation) => `${operation.do} ${operation.result}`);
    expect(answers).toEqual([
      "unlink EPERM",
      "rename EPERM",
      "write ETXTBSY",
      "truncate ETXTBSY",
      "fallocate ETXTBSY",
      "copy-range ETXTBSY",
      "chattr EINVAL",
      "remount EBUSY",
      "umount EBUSY",
    ]);
    expect(verdict).not.toBe("corrupt");
  });

  it("may share and move it under direct-io, but not where btrfs activated it itself", () => {
    const timeline = [
      step(1, "reflink", { path: "/swapfile", target: "/copy" }),
      step(2, "defrag", { path: "/swapfile" }),
    ];
    const answers = (strategy: string): readonly string[] =>
      run(strategy, { timeline }).operations.map(({ result }) => result);
    expect(answers("direct-io")).toEqual(["ok", "ok"]);
    expect(answers("pinned")).toEqual(["ETXTBSY", "ETXTBSY"]);
  });
});

describe("damage under bmap", () => {
  it("does not show before a commit has made the freed blocks reusable", () => {
    const result = three["bmap"]!;
    for (const violation of result.violations) {
      const reusable = violation.because.find((event) =>
        event.what.includes("the commit made the blocks reusable"),
      );
      expect(violation.at).toBeGreaterThan(reusable?.at ?? Number.POSITIVE_INFINITY);
    }
  });

  it("shows nothing when the machine stops right after the balance began", () => {
    const quick = run("bmap", { duration: 5 * SECOND + 1000 });
    expect(quick.violations).toEqual([]);
  });

  it("hits a snapshot at once", () => {
    const result = run("bmap", { timeline: [step(5, "snapshot", { subvolume: "/" })] });
    expect(result.totals.byClass.F).toBeGreaterThan(0);
  });

  it("hits a clone at once, and counts as harm to a clone", () => {
    const args = { path: "/swapfile", target: "/copy" };
    const { byClass } = run("bmap", { timeline: [step(5, "reflink", args)] }).totals;
    expect(byClass.F).toBeGreaterThan(0);
    expect(byClass.B).toBe(0);
  });
});

describe("a snapshot", () => {
  it("is refused under pinned and stays intact under direct-io", () => {
    const timeline = [step(5, "snapshot", { subvolume: "/" })];
    expect(run("pinned", { timeline }).operations[0]?.result).toBe("ETXTBSY");
    const routed = run("direct-io", { timeline });
    expect(routed.operations[0]?.result).toBe("ok");
    expect(routed.verdict).toBe("correct");
  });
});

describe("the control", () => {
  it.each(["bmap", "pinned", "direct-io"])("is inconclusive under %s when nothing swaps", (strategy) => {
    const result = run(strategy, { tasks: [memoryTask(300), writerTask("/db")] });
    expect(result).toMatchObject({ verdict: "inconclusive", reason: "no page was swapped out" });
  });

  it("is inconclusive when pages swap and nothing meets their blocks", () => {
    expect(run("pinned", { timeline: [] }).verdict).toBe("inconclusive");
  });
});

describe("pagestorm catches its own mistakes", () => {
  it("a dirty bit dropped in reclaim is a lost store", () => {
    const result = run("pinned", { faults: ["dropDirtyBit"] });
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.L).toBeGreaterThan(0);
  });

  it("an extent start forgotten writes over other blocks", () => {
    // Single metadata lies in the first MiBs of the device, where the swap file does not.
    const filesystem = { ...smallScenario().filesystem!, options: { metadata: "single" } };
    const result = run("pinned", { faults: ["forgetExtentStart"], duration: 20 * SECOND, filesystem });
    expect(result.verdict).toBe("corrupt");
    expect(result.totals.byClass.C).toBeGreaterThan(0);
  });

  it("a block reused before the commit is a wrong page before any commit could have freed it", () => {
    const files = [
      { path: "/swapfile", size: 16 * MIB, nocow: true, preallocated: false, extents: 64 },
      { path: "/db", size: 256 * MIB, nocow: false, preallocated: false, extents: 40 },
    ];
    const timeline = [step(2, "defrag", { path: "/swapfile" })];
    const first = (faults: readonly string[]): Violation => {
      const scenario = smallScenario({ faults, timeline, duration: 45 * SECOND });
      const filesystem = { ...scenario.filesystem!, files };
      return simulate({ ...scenario, filesystem }, plain("bmap")).violations[0]!;
    };
    expect(first([]).at).toBeGreaterThan(30 * SECOND);
    const early = first(["reuseBeforeCommit"]);
    expect(early).toMatchObject({ class: "A" });
    expect(early.at).toBeLessThan(30 * SECOND);
  });
});

describe("determinism", () => {
  it("gives the same bytes for the same seed and another fingerprint for another", () => {
    const once = run("direct-io", { duration: 15 * SECOND });
    expect(JSON.stringify(run("direct-io", { duration: 15 * SECOND }))).toBe(JSON.stringify(once));
    expect(run("direct-io", { duration: 15 * SECOND, seed: "other" }).fingerprint).not.toBe(once.fingerprint);
  });
});
