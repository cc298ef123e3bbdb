import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Btrfs } from "../../../sim/fs/btrfs/btrfs.ts";
import { type Scenario, simulate } from "../../../sim/index.ts";
import { Machine } from "../../../sim/machine.ts";
import { catalogue } from "../../../src/catalogue.ts";
import { type DumpText, importDisk, scenarioText, summaryOf } from "../../../src/import/index.ts";
import { parseScenario } from "../../../src/scenario/index.ts";

/** Texts of btrfs-progs about real filesystems, before and after real balances (Linux 6.1). */

const DUMPS = `${import.meta.dirname}/dumps`;
const CHECKED = readFileSync(`${DUMPS}/check.txt`, "utf8").split("\n");

function textsOf(state: string): readonly DumpText[] {
  return readdirSync(`${DUMPS}/${state}`)
    .toSorted()
    .map((name) => {
      const bytes = readFileSync(`${DUMPS}/${state}/${name}`);
      return {
        file: `${state}/${name}`,
        text: (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString(),
      };
    });
}

/** Chunks as one line each: `data 13631488+8388608 at 1:13631488`. */
type Line = { flags: string; start: number; length: number; stripes: readonly string[] };
function lined(chunks: readonly Line[]): readonly string[] {
  return chunks.map(
    ({ flags, start, length, stripes }) => `${flags} ${start}+${length} at ${stripes.join(" ")}`,
  );
}

function chunksOfDump(state: string): readonly string[] {
  const { layout } = importDisk(state, textsOf(state));
  return lined(
    layout.chunks.map(({ type, profile, start, length, stripes }) => ({
      flags: profile === "single" ? type : `${type}|${profile}`,
      start,
      length,
      stripes: stripes.map(({ device, offset }) => `${device}:${offset}`),
    })),
  );
}

/** The scenario that the import writes, changed if need be. */
function imported(state: string, change = (text: string): string => text): Scenario {
  const { scenario, problems } = parseScenario({
    file: state,
    text: change(scenarioText(state, importDisk(state, textsOf(state)))),
    catalogue,
    readTrace: () => ({ found: "a trace", expected: "none" }),
  });
  if (!scenario) throw new Error(JSON.stringify(problems));
  return scenario;
}

/** The imported filesystem after a full balance, with or without its swap file in use. */
function balanced(state: string, active: boolean) {
  const scenario = imported(state, (text) => (active ? text : text.replace(/\nswap: .*/, "")));
  const pinned = scenario.strategies.find(({ name }) => name === "pinned")!;
  const machine = new Machine(scenario, pinned);
  const fs = machine.filesystem;
  if (!(fs instanceof Btrfs)) throw new Error("an imported filesystem is btrfs");
  machine.engine.spawn(
    "administrator",
    (function* () {
      yield* machine.swapControl.boot();
      yield* fs.volume.balance({ type: "all" }, "balance");
    })(),
  );
  machine.engine.run();
  return { fs, lines: machine.log.map(({ line }) => line) };
}

function groupsIn(lines: readonly string[], verb: string): readonly number[] {
  return lines.flatMap((line) => {
    const [, group] = new RegExp(`${verb} block group (\\d+)`).exec(line) ?? [];
    return group === undefined ? [] : [Number(group)];
  });
}

const STATES = readdirSync(DUMPS).filter((name) => name !== "check.txt");

describe("an imported disk", () => {
  it.each(STATES)("%s has the figures of the check of the dumps", (state) => {
    const line = CHECKED.find((candidate) => candidate.startsWith(`${state}: `));
    expect(`${state}: ${summaryOf(importDisk(state, textsOf(state)))}`).toBe(line);
  });

  it.each(STATES)("%s uses what its block groups say, once it is built", (state) => {
    const disk = importDisk(state, textsOf(state));
    const data = disk.extentTree.groups.filter(({ start }) =>
      disk.chunkTree.chunks.some((chunk) => chunk.start === start && chunk.type === "data"),
    );
    const used = new Map<number, number>();
    for (const { start, length } of disk.extentTree.extents) {
      const group = data.findLast((candidate) => candidate.start <= start)!;
      used.set(group.start, (used.get(group.start) ?? 0) + length);
    }
    for (const group of data) expect(used.get(group.start) ?? 0).toBe(group.used);
  });

  it.each([
    ["1-fresh-active", "1-fresh-balanced", true],
    ["2-aged-active", "2-aged-balanced", true],
    ["4-two-active", "4-two-balanced", true],
    ["2-aged-balanced", "2-aged-swapoff-balanced", false],
    ["4-two-balanced", "4-two-swapoff-balanced", false],
  ])("%s, balanced, becomes %s", (before, after, active) => {
    const { fs, lines } = balanced(before, active);
    const told = CHECKED.find((line) => line.startsWith(`${before} -> ${after}: `))!;
    const list = (name: string): unknown => JSON.parse(new RegExp(`${name} (\\[[^\\]]*\\])`).exec(told)![1]!);
    expect(groupsIn(lines, "skipping relocation of")).toEqual(list("skipped"));
    expect(groupsIn(lines, "relocating")).toEqual(list("relocated"));
    const now = fs.chunks().map(({ stripes, ...chunk }) => {
      return { ...chunk, stripes: stripes.map(({ devid, physical }) => `${devid}:${physical}`) };
    });
    expect(lined(now)).toEqual(chunksOfDump(after));
  });

  it("answers as it is written whether its swap file may be used", () => {
    const scenario = imported("1-fresh-active");
    const verdicts = scenario.strategies.map((variant) => {
      const { name, verdict } = simulate(scenario, variant);
      return `${name} ${verdict}`;
    });
    expect(verdicts).toEqual(["bmap corrupt", "pinned correct", "direct-io correct"]);
  });
});
