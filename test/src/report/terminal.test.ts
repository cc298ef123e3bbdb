import { describe, expect, it } from "vitest";
import type { OperationReport, StrategyResult } from "../../../sim/index.ts";
import { compare, documentOf, type ResultDocument } from "../../../src/experiments/index.ts";
import { advise } from "../../../src/report/advice.ts";
import { terminalReport } from "../../../src/report/index.ts";
import { fakeResult, smallScenario } from "../fakes.ts";

const noSpace = {
  size: 0,
  dataUsed: 0,
  dataAllocated: 0,
  metadataUsed: 0,
  metadataAllocated: 0,
  pinned: 0,
  unallocated: 0,
};

function balance(changes: Partial<OperationReport>): readonly OperationReport[] {
  const done = {
    id: "balance",
    do: "balance",
    at: 5e9,
    endedAt: 6e9,
    result: "ok",
    achieved: "relocated 3 of 3 chunks",
    skipped: [],
    log: [],
  };
  return [{ ...done, ...changes }];
}

const RESULTS: readonly StrategyResult[] = [
  fakeResult("bmap", {
    verdict: "corrupt",
    reason: "12 × wrong page read (A); first: page 7 of task browser",
    totals: {
      byClass: { ...fakeResult("").totals.byClass, A: 1234, B: 2 },
      corruptPages: 1234,
      corruptFiles: 1,
    },
    violations: [
      {
        class: "A",
        at: 41e9,
        what: "page 7 of task browser",
        got: "generation 9, written by /db block 3",
        expected: "generation 5",
        because: [
          { at: 2e9, what: "write: browser page 7 in block 100 of vda" },
          { at: 5.5e9, what: "balance freed the block" },
          { at: 41e9, what: "read by do_swap_page; the block holds /db block 3" },
        ],
      },
    ],
    operations: balance({}),
    space: {
      before: noSpace,
      after: noSpace,
      swapFileExtentsBefore: 1,
      swapFileExtentsAfter: 17,
      swapFileMoved: 1,
      swapFileStale: 0,
      extraPeak: 1.25 * 2 ** 30,
    },
  }),
  fakeResult("pinned", {
    operations: balance({
      achieved: "relocated 1 of 3 chunks",
      skipped: [
        { what: "chunk 1", reason: "swap file active" },
        { what: "chunk 2", reason: "swap file active" },
      ],
    }),
  }),
  fakeResult("direct-io(file=cow)", {
    faultLatencyNs: { p50: 190_000, p99: 2e6, p999: 3e6, max: 4e6 },
    operations: balance({ result: "ENOSPC", achieved: "nothing" }),
  }),
];

async function documentFor(results: readonly StrategyResult[]): Promise<ResultDocument> {
  const scenario = smallScenario();
  const strategies = results.map(({ name }) => scenario.strategies.find((variant) => variant.name === name)!);
  const byName = new Map(results.map((result) => [result.name, result]));
  const comparison = await compare(
    { ...scenario, strategies },
    (_scenario, { name }) => Promise.resolve(byName.get(name)!),
    () => 0,
  );
  return documentOf(comparison, "compare");
}

async function report(
  options: { colour?: boolean; columns?: number; results?: readonly StrategyResult[] } = {},
) {
  const { colour = false, columns = 100, results = RESULTS } = options;
  return terminalReport(await documentFor(results), { colour, columns });
}

/** What is said about the last of these results. */
async function adviceOf(...results: readonly StrategyResult[]): Promise<string> {
  const { strategies } = await documentFor(results);
  return advise(strategies.at(-1)!, strategies);
}

/** The cells of a row of the table, by the label at its beginning. */
function row(text: string, label: string): readonly string[] | undefined {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`│ ${label} `));
  return line
    ?.split("│")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

describe("the report for people", () => {
  it("begins with the machine and one line for each verdict", async () => {
    const lines = (await report()).split("\n");
    expect(lines[0]).toBe("small (64 MiB of memory, 2 CPUs, linux-6.1, 90 s, seed 1)");
    expect(lines[2]).toMatch(/^ {2}bmap +corrupt +12 × wrong page read/);
    expect(lines[3]).toMatch(/^ {2}pinned +correct +all pages came back right/);
  });

  it("answers whether the swap file may be used", async () => {
    const text = (await report()).replaceAll(/\s+/g, " ");
    expect(text).toContain("May I use this swap file?");
    expect(text).toContain("bmap no: 1,234 pages came back wrong, 1 file damaged");
    expect(text).toContain("pinned yes, but balance skips 2 parts (swap file active)");
    expect(text).toContain(
      "direct-io(file=cow) yes, but balance is refused (ENOSPC); one fault in a hundred takes at least 2 ms, 2.2 times as long as with pinned",
    );
  });

  it("does not say yes to a swap file that swap no longer writes to", async () => {
    const space = { before: noSpace, after: noSpace, swapFileExtentsBefore: 1, swapFileExtentsAfter: 1 };
    const moved = { space: { ...space, swapFileMoved: 1, swapFileStale: 0.25, extraPeak: 0 } };
    const no =
      "no: 25 % of the swap file has moved and swap still writes to the old places; the damage is yet to come";
    expect(await adviceOf(fakeResult("bmap", moved))).toBe(no);
    expect(await adviceOf(fakeResult("bmap", { ...moved, verdict: "inconclusive" }))).toBe(no);
    // Nor is it what others are measured by.
    expect(await adviceOf(fakeResult("bmap", moved), fakeResult("pinned"))).toBe("yes");
  });

  it("prices the median where it is worse than the tail", async () => {
    const quick = fakeResult("pinned");
    const { p50, p99, ...rest } = quick.faultLatencyNs;
    const slow = fakeResult("direct-io(file=cow)", { faultLatencyNs: { ...rest, p50: 2 * p50, p99 } });
    expect(await adviceOf(quick, slow)).toBe(
      "yes, but a fault takes 200 us, 2.0 times as long as with pinned",
    );
    expect(await adviceOf(slow, quick)).toBe("yes");
  });

  it("does not depend on the order of variants that are equal at the median", async () => {
    const quick = fakeResult("pinned");
    const { p99, ...rest } = quick.faultLatencyNs;
    const late = fakeResult("direct-io(file=cow)", { faultLatencyNs: { ...rest, p99: 2 * p99 } });
    expect(await adviceOf(late, quick)).toBe("yes");
    expect(await adviceOf(quick, late)).toMatch(/^yes, but one fault in a hundred .* with pinned$/);
  });

  it("says beside a missing witness what became of the maintenance", async () => {
    const reason = "no operation met a block that held a swapped-out page";
    const result = fakeResult("pinned", {
      verdict: "inconclusive",
      reason,
      operations: balance({ result: "ENOSPC", achieved: "nothing" }),
    });
    expect(await adviceOf(result)).toBe(`this run cannot tell: ${reason}; balance is refused (ENOSPC)`);
  });

  it("tells steps that fared alike together", async () => {
    const [refused] = balance({ result: "EAGAIN" });
    const gc = ["gc-1", "gc-2", "gc-3"].map((id) => ({ ...refused!, id, do: "gc" }));
    const result = fakeResult("pinned", { operations: [...gc, refused!] });
    expect(await adviceOf(result)).toBe("yes, but 3 × gc, balance are refused (EAGAIN)");
  });

  it("puts everything that can be compared side by side", async () => {
    const text = await report();
    expect(row(text, "verdict")).toEqual(["corrupt", "correct", "correct"]);
    expect(row(text, "corrupt pages")).toEqual(["1,234", "0", "0"]);
    expect(row(text, "corrupt files")).toEqual(["1", "0", "0"]);
    expect(row(text, "violations")).toEqual(["A 1,234, B 2", "none", "none"]);
    expect(row(text, "fault p50")).toEqual(["100 us", "100 us", "190 us"]);
    expect(row(text, "fault p99.9")).toEqual(["12.3 ms", "12.3 ms", "3 ms"]);
    expect(row(text, "major faults")).toEqual(["3,456", "3,456", "3,456"]);
    expect(row(text, "page-ins")).toEqual(["4,000", "4,000", "4,000"]);
    expect(row(text, "page-outs")).toEqual(["5,000", "5,000", "5,000"]);
    expect(row(text, "stalled some/full")).toEqual(["13.7 % / 0 %", "13.7 % / 0 %", "13.7 % / 0 %"]);
    expect(row(text, "5s balance")).toEqual([
      "relocated 3 of 3 chunks",
      "relocated 1 of 3",
      "ENOSPC: nothing",
    ]);
    expect(text).toContain("skipped 2: swap");
    expect(row(text, "extra space, peak")).toEqual(["1.25 GiB", "-", "-"]);
    expect(row(text, "swap file extents")).toEqual(["1 -> 17", "-", "-"]);
  });

  it("tells how the first damage came about, with times", async () => {
    const story = (await report()).split("\n\n").find((section) => section.startsWith("How bmap"));
    expect(story?.split("\n")).toEqual([
      "How bmap came to harm: page 7 of task browser, wrong page read (A)",
      "    2 s  write: browser page 7 in block 100 of vda",
      "  5.5 s  balance freed the block",
      "   41 s  read by do_swap_page; the block holds /db block 3",
      "  got generation 9, written by /db block 3, expected generation 5",
      "  A generation is the number of a write: the same number, the same bytes; a higher one is younger.",
    ]);
  });

  it("explains what a generation is where the word comes first, and nowhere else", async () => {
    const [bmap, pinned] = RESULTS as [StrategyResult, StrategyResult];
    const text = await report({ results: [bmap, { ...pinned, violations: bmap.violations }] });
    expect(text.match(/How .* came to harm/g)).toHaveLength(2);
    expect(text.match(/A generation is the number of a write/g)).toHaveLength(1);
    expect(text.indexOf("A generation is")).toBeLessThan(text.indexOf("How pinned"));
  });

  it("ends with the expectations", async () => {
    expect(await report()).toContain(
      "5 of 7 expectations failed:\n  expected bmap: defrag-2 answers ok; got nothing\n",
    );
    const pinned = await report({ results: [fakeResult("pinned")] });
    expect(pinned).toContain("expected pinned: defrag answers ETXTBSY; got nothing");
  });

  it.each([80, 100, 140])("keeps to %d columns", async (columns) => {
    const lines = (await report({ columns })).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it("has colours only when asked, and the same words", async () => {
    const ESC = String.fromCharCode(27);
    const plain = await report();
    const coloured = await report({ colour: true });
    expect(plain).not.toContain(ESC);
    expect(coloured).toContain(`${ESC}[31mcorrupt`);
    expect(coloured).toContain(`${ESC}[32mcorrect`);
    expect(coloured.replaceAll(new RegExp(`${ESC}\\[\\d+m`, "g"), "")).toBe(plain);
  });

  it("tells what was left behind in the kernel's books, by the promise that it breaks", async () => {
    const breaches = [{ invariant: "I4", what: "block group 4096 counts 1 extent and holds none" }] as const;
    const text = await report({ results: [fakeResult("pinned", { breaches })] });
    expect(text).toContain(
      "What pinned left behind in the kernel's books\n  I4  block group 4096 counts 1 extent and holds none\n",
    );
    expect(await report({ results: [fakeResult("pinned")] })).not.toContain("books");
  });
});
