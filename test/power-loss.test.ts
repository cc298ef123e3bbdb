import { describe, expect, it } from "vitest";
import { GIB, MIB, SECOND } from "../sim/engine/index.ts";
import { simulate } from "../sim/index.ts";
import type { StrategyResult } from "../sim/result.ts";
import type { Scenario } from "../sim/scenario.ts";
import { plain, smallScenario, step } from "./support/scenarios.ts";

const run = (strategy: string, more: Partial<Scenario> = {}): StrategyResult =>
  simulate(smallScenario(more), plain(strategy), { thorough: true });

describe("a machine that loses its power", () => {
  const timeline = [
    step(2, "snapshot", { subvolume: "/", target: "/before" }),
    step(3, "sync"),
    step(4, "reflink", { path: "/db", target: "/lost" }),
    step(4.5, "power-loss"),
    step(5, "unlink", { path: "/lost" }),
    step(5, "balance", { type: "data" }),
    step(6, "write", { path: "/db", length: MIB }),
    step(7, "subvolume-delete", { subvolume: "/before" }),
  ];
  const result = run("direct-io", { timeline });
  const answer = (name: string) => result.operations.find((entry) => entry.do === name)?.result;

  it("is back at its last commit, and fsck finds nothing", () => {
    expect(result.operations.find((entry) => entry.do === "power-loss")?.achieved).toContain(
      "fsck found nothing",
    );
    expect(answer("unlink")).toBe("ENOENT");
    expect(answer("subvolume-delete")).toBe("ok");
    expect(result.checks).toEqual([]);
    expect(result.violations).toEqual([]);
  });

  it("has no tasks and no swap any more, and steps that follow work on what was mounted", () => {
    const last = (values: readonly number[]) => values.at(-1);
    expect(last(result.recording.gauges["swapUsedPages"]!)).toBe(0);
    expect(result.recording.totals["pswpout"]!.at(-1)).toBe(result.counters["pswpout"]);
    expect(result.counters["pswpout"]).toBeGreaterThan(0);
    expect(answer("balance")).toBe("ok");
    expect(answer("write")).toBe("ok");
  });

  it("lets a swap file go that was pinned", () => {
    const steps = (power: boolean) => [
      ...(power ? [step(4.5, "power-loss")] : []),
      step(5, "snapshot", { subvolume: "/", target: "/now" }),
      step(6, "unlink", { path: "/swapfile" }),
    ];
    const answers = (power: boolean) =>
      run("pinned", { timeline: steps(power), duration: 8 * SECOND })
        .operations.slice(-2)
        .map((entry) => entry.result);
    expect(answers(false)).toEqual(["ETXTBSY", "EPERM"]);
    expect(answers(true)).toEqual(["ok", "ok"]);
  });

  it("never hears from a balance that was under way, and can start another", () => {
    const [cut, , again] = run("direct-io", {
      timeline: [step(4, "balance", { type: "all" }), step(4.001, "power-loss"), step(5, "balance", {})],
    }).operations;
    expect(cut).toMatchObject({ result: "running", endedAt: null, achieved: "was cut off by a power loss" });
    expect(again?.result).toBe("ok");
  });

  it("goes on with a balance that a commit knew, from the mount on", () => {
    const filesystem = smallScenario().filesystem!;
    const cut = (options: Record<string, boolean>) =>
      run("direct-io", {
        filesystem: { ...filesystem, options },
        timeline: [
          step(4, "balance", { type: "all" }),
          step(4.2, "power-loss"),
          step(4.2001, "resize", { device: "vda", size: GIB / 4 }),
          step(6, "balance-resume"),
          step(7, "resize", { device: "vda", size: GIB / 4 }),
        ],
        duration: 10 * SECOND,
      });
    const lines = (result: StrategyResult) =>
      result.log.map(({ line }) => line).filter((line) => line.includes("resume"));
    const resumed = cut({});
    expect(resumed.operations.slice(2, 4).map((entry) => entry.result)).toEqual(["EINPROGRESS", "ENOTCONN"]);
    const [cutOff] = resumed.operations;
    expect(cutOff).toMatchObject({ do: "balance", result: "running" });
    expect(cutOff?.log.length).toBeGreaterThan(1);
    expect(cutOff?.log.join()).not.toContain("resume");
    expect(lines(resumed)).toEqual(["BTRFS info: balance: resume -dusage=90 -musage=90 -susage=90"]);
    const skipped = cut({ skipBalance: true });
    expect(skipped.operations.slice(2, 4).map((entry) => entry.result)).toEqual(["EINPROGRESS", "ok"]);
    expect(lines(skipped)[0]).toBe("BTRFS info: balance: resume skipped");
    for (const { operations, violations, checks } of [resumed, skipped]) {
      expect(operations[4]?.result).not.toBe("EINPROGRESS");
      expect([violations, checks]).toEqual([[], []]);
    }
  });

  it("is the same machine each time", () => {
    expect(run("direct-io", { timeline }).fingerprint).toBe(result.fingerprint);
  });

  it("loses what a device with a volatile cache had not flushed, and nothing that a commit had", () => {
    const storage = [{ name: "vda", model: "ssd-sata", size: GIB }];
    for (const at of [3.2, 4.1, 4.7, 6.3]) {
      const cut = run("direct-io", { storage, timeline: [step(at, "power-loss"), step(at + 1, "sync")] });
      expect(cut.violations).toEqual([]);
      expect(cut.checks).toEqual([]);
    }
  });
});

describe("an aborted transaction under swap", () => {
  const timeline = [
    step(3, "abort-transaction"),
    step(4, "snapshot", { subvolume: "/", target: "/now" }),
    step(4, "balance", {}),
  ];

  it.each(["pinned", "direct-io"])("refuses changes with EROFS and harms no page under %s", (strategy) => {
    const result = run(strategy, { timeline, duration: 8 * SECOND });
    expect(result.operations.map((entry) => entry.result)).toEqual(["ok", "EROFS", "EROFS"]);
    expect(result.log.map(({ line }) => line)).toContain("BTRFS info: forced readonly");
    expect(result.violations).toEqual([]);
    expect(result.checks).toEqual([]);
  });
});
