import { describe, expect, it } from "vitest";
import { createBlockDevice, deviceModels, GenerationCounter, OwnerTable } from "../../../sim/block/index.ts";
import {
  type Actor,
  Engine,
  MIB,
  MILLISECOND,
  type ParameterValues,
  Processors,
  SECOND,
} from "../../../sim/engine/index.ts";
import { blindObserver, filesystemTypes } from "../../../sim/fs/index.ts";
import { type Scenario, type StrategyResult, type StrategyVariant, simulate } from "../../../sim/index.ts";
import { findCycle } from "../../../sim/wait-for-graph.ts";
import { listed } from "../../support/memory-machine.ts";
import { memoryTask, plain, smallScenario, step } from "../../support/scenarios.ts";
import { ScriptedMemory } from "../support/series-machine.ts";

const ERA_2014: StrategyVariant = { name: "2014", strategy: "direct-io", options: { era: "2014" } };
const WAYS: readonly StrategyVariant[] = [plain("readpage"), ERA_2014, plain("direct-io"), plain("swap-rw")];

/** A small machine that swaps to a file on a server; two seconds, unless a test says more. */
function overNfs(
  variant: StrategyVariant,
  mount: ParameterValues = {},
  more: Partial<Scenario> = {},
): StrategyResult {
  const base = smallScenario();
  const files = [{ path: "/swapfile", size: 16 * MIB, nocow: false, preallocated: false, extents: 1 }];
  return simulate(
    {
      ...base,
      storage: [{ name: "server", model: "ssd-sata", size: 64 * MIB }],
      filesystem: { type: "nfs", devices: ["server"], options: mount, files },
      tasks: [memoryTask(1600, { cpu: 20_000 })],
      duration: 2 * SECOND,
      timeline: [],
      ...more,
    },
    variant,
    { maps: false, thorough: true },
  );
}

describe("swap over NFS", () => {
  it.each(WAYS)("with $name brings every page back right", (variant) => {
    const { violations, checks, counters } = overNfs(variant);
    expect({ violations, checks }).toEqual({ violations: [], checks: [] });
    expect(counters["pswpin"]).toBeGreaterThan(300);
  });

  it.each(["bmap", "pinned"])(
    "is refused to %s where a block list is asked for, or taken in vain",
    (name) => {
      const { verdict } = overNfs(plain(name));
      expect(verdict).toBe(name === "pinned" ? "refused" : "inconclusive");
    },
  );

  it("takes a round trip and the server's disk for each page", () => {
    const fast = overNfs(plain("direct-io"), { roundTrip: 0 }).faultLatencyNs.p50;
    const slow = overNfs(plain("direct-io"), { roundTrip: 2 * MILLISECOND }).faultLatencyNs.p50;
    expect(slow - fast).toBeGreaterThan(1.8 * MILLISECOND);
    expect(slow - fast).toBeLessThan(2.4 * MILLISECOND);
  });

  it("is far quicker at page-outs in requests of 32 pages", () => {
    const written = (variant: StrategyVariant): number =>
      overNfs(variant, {}, { tasks: [memoryTask(3500, { cpu: 500 })] }).counters["pswpout"]!;
    expect(written(plain("swap-rw")) / written(ERA_2014)).toBeGreaterThan(1.5);
  });
});

describe("patch 2 of the series", () => {
  /** Written once, then read in order for long: what is written per page that is read. */
  function rewrites(patch2: boolean): number {
    const pages = [...Array.from({ length: 1500 }, (_, page) => page * 2 + 1)];
    const reads = Array.from({ length: 4 * 1500 }, (_, index) => (index % 1500) * 2);
    const run = (accesses: readonly number[]) =>
      overNfs(
        { name: "v2", strategy: "direct-io", options: { era: "2014", patch2 } },
        {},
        {
          tasks: [memoryTask(1500, { init: false, repeat: 1, cpu: 1000, open: listed(1500, accesses) })],
          duration: 60 * SECOND,
        },
      ).counters;
    const [fill, all] = [run(pages), run([...pages, ...reads])];
    return (all["pswpout"]! - fill["pswpout"]!) / all["pswpin"]!;
  }

  it("without it every page that was read is written back", () => {
    expect(rewrites(true)).toBeLessThan(0.2);
    expect(rewrites(false)).toBeGreaterThan(0.8);
  });
});

describe("D13: direct I/O of NFS sets its request up with the inode locked", () => {
  /** A mount whose allocations follow a script: the next one reclaims, and swaps out to block 5. */
  function pageIn(how: "directRead" | "readpage"): string {
    const engine = new Engine({ seed: "D13" });
    const memory = new ScriptedMemory();
    const server = createBlockDevice(engine, {
      name: "server",
      model: deviceModels.require("ssd-sata"),
      size: 64,
    });
    const context = {
      engine,
      processors: new Processors(engine, 2),
      owners: new OwnerTable(),
      generations: new GenerationCounter(),
      observer: blindObserver,
      memory,
      log() {},
    };
    const mount = filesystemTypes.require("nfs").create(context, [server], {});
    const spec = { path: "/swapfile", size: 16 * 4096, nocow: false, preallocated: false, extents: 1 };
    const [file, series] = [mount.createFile(spec), mount.series2014];
    if (typeof file === "string" || !series) throw new Error("a mount with a swap file");
    const content = { generation: 99, owner: file.owner, index: 5 };
    engine.spawn(
      "fault",
      (function* (): Actor {
        yield* series.swapActivate(file, { version: "v2", patches: new Set([1, 2, 3, 4, 5]), stall: 0 });
        memory.reclaim("nfs_direct_req", () => series.directWrite(file, 5, content));
        if (how === "directRead") yield* series.directRead(file, 9);
        else yield* series.readpage(file, 9, () => {});
      })(),
    );
    engine.run(SECOND);
    return findCycle(engine) ?? "nothing hangs";
  }

  it("and hangs when reclaim for that request swaps out to the same file", () => {
    const said = "waits in mutex_lock (nfs_file_direct_write) for i_mutex of /swapfile";
    expect(pageIn("directRead")).toContain(said);
  });

  it("which a page-in through readpage does not do", () => {
    expect(pageIn("readpage")).toBe("nothing hangs");
  });
});

describe("a server that restarts in a storm of swapping", () => {
  const restart = (outage: number) => ({
    timeline: [step(1, "server-restart", { outage })],
    duration: 4 * SECOND,
  });

  it.each(WAYS)("loses nothing under $name if writes are stable", (variant) => {
    const { violations, operations } = overNfs(variant, {}, restart(SECOND));
    expect(operations[0]?.result).toBe("ok");
    expect(violations).toEqual([]);
  });

  it("loses pages if they are not", () => {
    expect(overNfs(plain("direct-io"), { stable: false }, restart(SECOND)).totals.byClass.A).toBeGreaterThan(
      10,
    );
    expect(overNfs(plain("direct-io"), { stable: false }).violations).toEqual([]);
  });

  it("loses nothing under swap-rw in any case: its writes are always stable", () => {
    expect(overNfs(plain("swap-rw"), { stable: false }, restart(SECOND)).violations).toEqual([]);
  });

  it("loses pages under swap-rw if those are not stable either (KB-19)", () => {
    const faults = ["noStableWrites"];
    expect(overNfs(plain("swap-rw"), {}, { ...restart(SECOND), faults }).totals.byClass.A).toBeGreaterThan(
      10,
    );
    expect(overNfs(plain("swap-rw"), {}, { faults }).violations).toEqual([]);
  });

  it("NFSv4 tells it what it has forgotten, and then goes on", () => {
    const { violations, counters, verdict } = overNfs(plain("swap-rw"), { version: "4" }, restart(SECOND));
    expect([violations, verdict]).toEqual([[], "inconclusive"]);
    expect(counters["pswpin"]).toBeGreaterThan(300);
  });

  it("holds up every fault while it is away, and all goes on afterwards", () => {
    const { faultLatencyNs, violations, counters } = overNfs(plain("swap-rw"), {}, restart(2 * SECOND));
    expect(faultLatencyNs.max).toBeGreaterThan(1.9 * SECOND);
    expect(violations).toEqual([]);
    expect(counters["pswpin"]).toBeGreaterThan(
      overNfs(plain("swap-rw"), {}, { duration: SECOND }).counters["pswpin"]!,
    );
  });

  it("a soft mount gives up: SIGBUS for who reads, and what is written stays in memory", () => {
    const { totals } = overNfs(
      plain("direct-io"),
      { soft: true, timeout: 100 * MILLISECOND },
      restart(SECOND),
    );
    expect(totals.byClass).toMatchObject({ A: 0, L: 0, H: 1 });
  });
});
