import { describe, expect, it } from "vitest";
import {
  compare,
  documentOf,
  resultDocument,
  toJson,
  VariantFailure,
} from "../../../src/experiments/index.ts";
import { fakeResult, smallScenario } from "../fakes.ts";

/** A clock that goes on by one second each time somebody looks. */
function steppingClock(): () => number {
  let now = 0;
  return () => (now += 1000);
}

describe("a comparison", () => {
  it("runs every variant and keeps the scenario's order, whoever ends first", async () => {
    const ended: string[] = [];
    const { results, exitStatus } = await compare(
      { ...smallScenario(), timeline: [] },
      async (_scenario, { name }) => {
        if (name === "bmap") await new Promise((resolve) => setTimeout(resolve, 5));
        ended.push(name);
        return fakeResult(name, { verdict: name === "bmap" ? "corrupt" : "correct" });
      },
      steppingClock(),
    );
    expect(ended.at(-1)).toBe("bmap");
    expect(results.map(({ name }) => name)).toEqual(["bmap", "pinned", "direct-io(file=cow)"]);
    expect(exitStatus).toBe(0);
  });

  it("fails with the name of the variant whose run fails", async () => {
    const bug = new Error("broken rule: no slot is free twice");
    const failing = compare(
      smallScenario(),
      (_scenario, { name }) => (name === "pinned" ? Promise.reject(bug) : Promise.resolve(fakeResult(name))),
      steppingClock(),
    );
    await expect(failing).rejects.toMatchObject({
      name: "VariantFailure",
      variant: "pinned",
      message: bug.message,
      cause: bug,
    });
  });

  it("takes a recount that disagrees for a failure", async () => {
    const failing = compare(
      smallScenario(),
      (_scenario, { name }) => Promise.resolve(fakeResult(name, { checks: ["3 frames on no list"] })),
      steppingClock(),
    );
    await expect(failing).rejects.toThrow(VariantFailure);
    await expect(failing).rejects.toThrow("3 frames on no list");
  });
});

describe("the JSON document", () => {
  async function json(command: "run" | "compare", withTiming = false): Promise<string> {
    const run = (_scenario: unknown, { name }: { readonly name: string }) =>
      Promise.resolve(fakeResult(name));
    return toJson(documentOf(await compare(smallScenario(), run, steppingClock()), command, withTiming));
  }

  it("has exactly the fields of the contract, in a fixed order", async () => {
    const document = JSON.parse(await json("compare"));
    expect(Object.keys(document)).toEqual([
      "schema",
      "scenario",
      "seed",
      "machine",
      "durationNs",
      "strategies",
      "expectations",
    ]);
    expect(document).toMatchObject({ schema: "pagestorm/compare/2", scenario: "small", seed: "1" });
    expect(Object.keys(document.strategies[0])).toEqual([
      "name",
      "verdict",
      "reason",
      "violations",
      "breaches",
      "totals",
      "counters",
      "faultLatencyNs",
      "faultTime",
      "operations",
      "psi",
      "space",
      "witnesses",
      "simulatedNs",
      "fingerprint",
      "log",
      "recording",
    ]);
    expect(document.strategies[0].space).toBeNull();
    expect(document.expectations).toContainEqual({ what: "bmap: corrupt", held: false, got: "correct" });
    expect(JSON.parse(await json("run")).schema).toBe("pagestorm/run/2");
  });

  it("is the same to the byte for the same results, and ends with a line end", async () => {
    const first = await json("compare");
    expect(await json("compare")).toBe(first);
    expect(first.endsWith("}\n")).toBe(true);
  });

  it("is what its own schema accepts, and keeps a column of samples on one line", async () => {
    const text = await json("compare", true);
    expect(resultDocument.safeParse(JSON.parse(text)).error).toBeUndefined();
    expect(text).toContain('"pswpin": [0,1000,4000]');
  });

  it("has wall-clock figures only when asked, and only under timing", async () => {
    const without = JSON.parse(await json("compare"));
    const { timing, ...rest } = JSON.parse(await json("compare", true));
    expect(rest).toEqual(without);
    expect(timing.strategies.map(({ name }: { name: string }) => name)).toEqual([
      "bmap",
      "pinned",
      "direct-io(file=cow)",
    ]);
    expect(timing.seconds).toBeGreaterThan(0);
  });
});
