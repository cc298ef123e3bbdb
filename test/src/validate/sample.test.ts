import { describe, expect, it } from "vitest";
import { collectRows } from "../../../src/validate/collect.ts";
import { validationDocument } from "../../../src/validate/document.ts";
import { globTest } from "../../../src/validate/glob.ts";
import { runRow } from "../../../src/validate/run-row.ts";
import { type RunRow, validate } from "../../../src/validate/validate.ts";
import { CONTROL, lines, SAMPLE, sampleRow, withoutOutcome } from "./helpers.ts";

const here: RunRow = async (_id, machine) => runRow(machine);
const all = (): boolean => true;
const check = (text: string, run: RunRow = here) => validate([{ name: "rows", text }], all, run);

const SMALL = [{ pat: "uniform", n: 30_000, m: 20_000, w: 0.3, seed: 7 }];
/** A row under pressure that runs in a fraction of a second. */
const small = (changes: object = {}) =>
  withoutOutcome(sampleRow(CONTROL, { workload: SMALL, wl_locked_pages: [30], ...changes }));

describe("the sample of measured rows", () => {
  it("runs, makes the measured accesses, and comes near the measured figures", {
    timeout: 60_000,
  }, async () => {
    const validation = await check(SAMPLE);
    expect(validation.problems).toEqual([]);
    const { rows, counters } = validationDocument(validation);
    expect(rows).toHaveLength(13 * 3);
    for (const entry of rows) expect("skipped" in entry || "measured" in entry).toBe(true);
    const error = (counter: string) => counters.find((c) => c.group === "all" && c.counter === counter)!;
    expect(error("pswpin").pairs).toBeGreaterThanOrEqual(8);
    expect(error("pswpin").median).toBeLessThan(0.03);
    expect(error("pgmajfault").median).toBeLessThan(0.03);
  });
});

describe("a row", () => {
  it("without any outcome is simulated all the same, in all three phases", async () => {
    const { rows, counters } = validationDocument(await check(lines(small())));
    expect(rows.map((entry) => [entry.phase, "measured" in entry && entry.measured])).toEqual([
      ["init", null],
      ["run", null],
      ["verify", null],
    ]);
    expect(counters).toEqual([]);
    const [init, run] = rows.map((entry) => ("simulated" in entry ? entry.simulated : {}));
    expect(init).toMatchObject({ pgfault: 30_000, "wl.minflt": 30_000, pswpin: 0 });
    expect(run!["pswpin"]).toBeGreaterThan(100);
  });

  it("comes out the same whatever its outcome and its name are", async () => {
    const told = { run: { vmstat: { pswpin: 1 } }, verify: { vmstat: {} }, counters: {} };
    const documents = await Promise.all(
      [small(), small(told), small({ id: "other" })].map(async (row) =>
        validationDocument(await check(lines(row))),
      ),
    );
    const simulated = documents.map(({ rows }) =>
      rows.map((entry) => "simulated" in entry && entry.simulated),
    );
    expect(simulated[1]).toEqual(simulated[0]);
    expect(simulated[2]).toEqual(simulated[0]);
  });

  it("of two processes fills and verifies in turn and runs at once", async () => {
    const two = [10, 11].map((seed) => ({ pat: "uniform", n: 15_000, m: 10_000, w: 0.3, seed }));
    const { rows } = validationDocument(await check(lines(small({ workload: two }))));
    const [init, run, verify] = rows.map((entry) => ("simulated" in entry ? entry.simulated : {}));
    expect(init).toMatchObject({ "wl.minflt": 30_000 });
    expect(run!["pswpin"]).toBeGreaterThan(0);
    expect(verify!["pgfault"]).toBeGreaterThan(0);
  });

  it("whose program did not start from init fills nothing", async () => {
    const workload = [{ ...SMALL[0], init: 0 }];
    const { rows } = validationDocument(await check(lines(small({ workload }))));
    const [init, run] = rows.map((entry) => ("simulated" in entry ? entry.simulated : {}));
    expect(init).toMatchObject({ pgfault: 0 });
    expect(run!["pgfault"]).toBeGreaterThan(1000);
  });

  it("with other accesses than the measured program made is an error", async () => {
    const row = { ...sampleRow(CONTROL), workload: SMALL, wl_result: [{ trace_hash: "0123456789abcdef" }] };
    const validation = await check(lines(row));
    expect(validation.problems).toEqual([
      expect.stringMatching(
        /^gl192.*: trace_hash of process 0: found [0-9a-f]{16}, expected 0123456789abcdef$/,
      ),
    ]);
    expect(validationDocument(validation).rows).toEqual([
      { id: CONTROL, phase: "init", failed: expect.stringContaining("trace_hash") },
      { id: CONTROL, phase: "run", failed: expect.stringContaining("trace_hash") },
      { id: CONTROL, phase: "verify", failed: expect.stringContaining("trace_hash") },
    ]);
  });

  it("that cannot be simulated is listed with the reason", async () => {
    const row = sampleRow("cg32-part-ssd-pc0-sw60-lru0-ping", { id: "row" });
    const { rows } = validationDocument(
      await check(lines(row), async () => ({ kind: "skipped", reason: "not modelled: weather" })),
    );
    expect(rows).toEqual(
      ["init", "run", "verify"].map((phase) => ({ id: "row", phase, skipped: "not modelled: weather" })),
    );
  });

  it("in which the simulator breaks leaves the others alone", async () => {
    const text = lines(small({ id: "good" }), small({ id: "bad" }));
    const validation = await check(text, async (id, machine) => {
      if (id === "bad") throw new Error("an invariant is broken");
      return runRow(machine);
    });
    expect(validation.defects).toMatchObject([{ id: "bad" }]);
    expect(validation.rows.map(({ outcome }) => outcome)).toEqual(["compared", "failed"]);
  });
});

it("only the rows asked for are run", async () => {
  const ran: string[] = [];
  await validate([{ name: "rows", text: SAMPLE }], globTest("gl192-part-*uni?x"), async (id) => {
    ran.push(id);
    return { kind: "skipped", reason: "" };
  });
  expect(ran).toEqual(["gl192-part-hdd-pc3-sw60-lru0-uni2x"]);
  expect(collectRows([{ name: "rows", text: SAMPLE }]).rows).toHaveLength(13);
});
