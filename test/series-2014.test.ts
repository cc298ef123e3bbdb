import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ParameterValues, SECOND } from "../sim/engine/index.ts";
import { type Scenario, type StrategyResult, type StrategyVariant, simulate } from "../sim/index.ts";
import { read } from "./src/scenario/shipped.ts";
import { listed } from "./support/memory-machine.ts";
import { memoryTask, plain, smallScenario, step, writerTask } from "./support/scenarios.ts";

const FOLDER = join(import.meta.dirname, "../workloads/series");
const scenarios = readdirSync(FOLDER).map(
  (name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const,
);

describe("the scenarios of the series", () => {
  it.each(scenarios)("%s says a word on top and is walked through in docs/series.md", (name, text) => {
    const top = text.slice(0, text.search(/^[^#]/m));
    expect(top).toContain("What to expect: ");
    const walk = readFileSync(join(FOLDER, "../../docs/series.md"), "utf8");
    expect(walk).toContain(`$ pagestorm compare workloads/series/${name}\n`);
  });

  it.each(scenarios)("%s comes out as expected", (name, text) => {
    const scenario = read(`../series/${name}`, text);
    const verdicts = Object.fromEntries(
      scenario.strategies.map((variant) => [
        variant.name,
        simulate(scenario, variant, { maps: false }).verdict,
      ]),
    );
    expect(verdicts).toEqual(scenario.expect);
  });
});

const v2: StrategyVariant = {
  name: "direct-io(era=2014)",
  strategy: "direct-io",
  options: { file: "nocow", era: "2014", version: "v2", stall: 0 },
};
const v1: StrategyVariant = { name: "readpage", strategy: "readpage", options: {} };

/** Two seconds of swapping on Linux 3.18, an operation on the active swap file, and four seconds more. */
function following(
  variant: StrategyVariant,
  operations: readonly (readonly [name: string, args: ParameterValues])[],
  files: Scenario["filesystem"] = smallScenario().filesystem,
): StrategyResult {
  const base = smallScenario();
  const timeline = operations.map(([name, args], index) => step(2 + index * 0.5, name, args));
  return simulate(
    {
      ...base,
      machine: { ...base.machine, kernel: "linux-3.18" },
      filesystem: files,
      storage: [...base.storage, { name: "vdb", model: "nvme-consumer", size: 2 ** 30 }],
      tasks: [memoryTask(1600), writerTask("/db")],
      duration: 6 * SECOND,
      timeline,
    },
    variant,
    { maps: false },
  );
}

const swap = { path: "/swapfile" };
type Row = readonly [name: string, args: ParameterValues, answer: string];

/** What an administrator may do to an active swap file without harm. */
const SAFE: readonly Row[] = [
  ["balance", { vrange: "/swapfile" }, "ok"],
  ["defrag", swap, "ok"],
  ["snapshot", { subvolume: "/", target: "/snap" }, "ok"],
  ["reflink", { ...swap, target: "/clone" }, "ok"],
  ["truncate", { ...swap, size: 4096 }, "ETXTBSY"],
  ["truncate", { ...swap, size: 32 * 2 ** 20 }, "ok"],
  ["fallocate", { ...swap, mode: "punch-hole", length: 4096 }, "ETXTBSY"],
  ["unlink", swap, "EPERM"],
  ["rename", { ...swap, target: "/other" }, "EPERM"],
  ["link", { ...swap, target: "/other" }, "ok"],
  ["chattr", { ...swap, flag: "+c" }, "ok"],
  ["chattr", { ...swap, flag: "-C" }, "ok"],
  ["chattr", { ...swap, flag: "+i" }, "ok"],
  ["compression", { ...swap, method: "lzo" }, "ok"],
  ["scrub", {}, "ok"],
  ["fstrim", {}, "ok"],
  ["sync", {}, "ok"],
  ["resize", { device: "vda", size: 500 * 2 ** 20 }, "ok"],
  ["device-replace", { device: "vda", target: "vdb" }, "ok"],
  ["subvolume-set-readonly", { subvolume: "/" }, "ok"],
  ["send", { subvolume: "/" }, "EPERM"],
  ["remount", { readonly: true }, "EBUSY"],
  ["umount", {}, "EBUSY"],
];

/** v1 writes like v2, so that only what moves blocks is of interest. */
const tried = [
  ...SAFE.slice(0, 4).map((row) => [v1, ...row] as const),
  ...SAFE.map((row) => [v2, ...row] as const),
];

describe("what is safe on an active swap file of the series", () => {
  it.each(tried)("%o %s %j is answered, and every page comes back right", (variant, name, args, answer) => {
    const result = following(variant, [[name, args]]);
    expect(result.operations[0]?.result).toBe(answer);
    expect(result).toMatchObject({ violations: [], checks: [] });
    expect(["correct", "inconclusive"]).toContain(result.verdict);
    expect(result.counters["pswpin"]).toBeGreaterThan(500);
  });
});

describe("what is not, by class of violation", () => {
  const db = { path: "/image", size: 16 * 2 ** 20, nocow: true, preallocated: false, extents: 1 };
  const base = smallScenario().filesystem!;
  const files = { ...base, files: [...base.files, db] };

  it("L1: a write to it is a wrong page (A)", () => {
    const { totals } = following(v2, [["write", { ...swap, length: 8 * 2 ** 20 }]]);
    expect(totals.byClass.A).toBeGreaterThan(0);
  });

  it("L2: a clone onto it is a wrong page (A)", () => {
    const { totals } = following(
      v2,
      [["copy-range", { path: "/image", target: "/swapfile", length: 16 * 2 ** 20 }]],
      files,
    );
    expect(totals.byClass.A).toBeGreaterThan(0);
  });

  it("L3: the compression property and a defragmentation are an unreadable page (H)", () => {
    const fragmented = base.files.map((file) =>
      file.path === "/swapfile" ? { ...file, preallocated: false, extents: 16 } : file,
    );
    const { totals } = following(
      v2,
      [
        ["compression", { ...swap, method: "lzo" }],
        ["defrag", swap],
      ],
      {
        ...base,
        files: fragmented,
      },
    );
    expect(totals.byClass).toMatchObject({ A: 0, H: 1 });
  });
});

describe("costs of the 2014 interface", () => {
  it("it frees a page in the visit that writes it, where a block list takes two", () => {
    const ratio = (variant: StrategyVariant): number => {
      const base = smallScenario();
      const { counters } = simulate(
        {
          ...base,
          machine: { ...base.machine, kernel: "linux-3.18" },
          tasks: [memoryTask(3000, { repeat: 0, cpu: 2000 })],
          duration: 2 * SECOND,
          timeline: [],
        },
        variant,
        { maps: false },
      );
      return counters["pgsteal_anon"]! / counters["pgscan_anon"]!;
    };
    expect(ratio(v2)).toBeGreaterThan(0.95);
    expect(ratio(plain("bmap"))).toBeLessThan(0.6);
  });
});

describe("tools beside an active swap file", () => {
  /** filefrag and a tree search, whose answers go to a page that its program touches once, at the start. */
  const asking = (variant: StrategyVariant) => {
    const first = Array.from({ length: 1600 }, (_, page) => page * 2 + 1);
    const others = Array.from({ length: 100_000 }, (_, index) => (100 + ((index * 7) % 1500)) * 2);
    const base = smallScenario();
    return simulate(
      {
        ...base,
        machine: { ...base.machine, kernel: "linux-3.18" },
        tasks: [
          memoryTask(1600, {
            init: false,
            cpu: 20_000,
            repeat: 1,
            open: listed(1600, [...first, ...others]),
          }),
        ],
        duration: 2 * SECOND,
        timeline: [
          step(1, "search-tree", { buffer: "worker" }),
          step(1.5, "filefrag", { ...swap, buffer: "worker" }),
        ],
      },
      variant,
      { maps: false },
    );
  };

  it("D6: filefrag on the active swap file hangs if its buffer is swapped out; a search does not by itself", () => {
    const { verdict, reason, operations } = asking(v2);
    expect(operations.map(({ result }) => result)).toEqual(["ok", "running"]);
    expect({ verdict, reason }).toMatchObject({ verdict: "deadlocked" });
    expect(reason).toMatch(/filefrag\S* waits in lock_extent_direct \(read\)/);
  });

  it("and answers under the rules of today", () => {
    const { operations } = asking(plain("direct-io"));
    expect(operations.map(({ result }) => result)).toEqual(["ok", "ok"]);
  });
});
