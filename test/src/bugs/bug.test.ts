import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type BugFile,
  type BugOutcome,
  bugStories,
  bugsDocument,
  bugsReport,
  runBug,
  unreadable,
} from "../../../src/bugs/index.ts";
import { catalogue } from "../../../src/catalogue.ts";

/** What is demanded of a bug and its fix; the bug is a real one, bent until it fails. */

const FILE = "KB-13a-file-grown-after-mkswap.yaml";
const TEXT = readFileSync(`${import.meta.dirname}/../../../workloads/bugs/${FILE}`, "utf8");

function run(...changes: readonly (readonly [from: string, to: string])[]): BugOutcome {
  const text = changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replace(from, to);
  }, TEXT);
  return runBug({ file: "bug.yaml", text }, catalogue);
}

const FIX = "fix: { off: [mapBeyondHeader] }";

describe("a bug", () => {
  it("that falls and whose fix holds has no failures", () => {
    const { failures, variants } = run();
    expect(failures).toEqual([]);
    expect(variants).toMatchObject([
      { strategy: "pinned", off: { violated: true }, on: { violated: false } },
    ]);
  });

  it("tells what showed that the promise was broken", () => {
    expect(run().variants[0]?.off.what).toBe(
      "16383 slots of /swapfile may be used, and its header and mapping both cover 8191",
    );
  });

  it("whose toggle changes nothing is a failure", () => {
    const { failures } = run([FIX, "fix: { off: [noZeroPagesTest] }"]);
    expect(failures[0]).toMatch(/^pinned: the toggle is inert: both runs have the fingerprint [0-9a-f]{16}$/);
  });

  it("that does not break the promise it is known for is a failure", () => {
    const { failures } = run(["invariant: I7", "invariant: [I7, I2]"]);
    expect(failures).toEqual([expect.stringMatching(/^pinned: with the fix off I2 holds \(inconclusive: /)]);
  });

  it("whose fix refuses the valid use as well is a failure", () => {
    const { failures } = run(
      ["witness: { pagesBack: 1000, ok: [swapon] }", "witness: { pagesBack: 5000 }"],
      ["pages: 8000", "pages: 3000"],
    );
    expect(failures).toContain("pinned: with the fix on lacks the witness: 0 pages came back");
  });

  it("whose fix leaves the promise broken is a failure", () => {
    const { failures } = run([FIX, "fix: { off: [], on: [mapBeyondHeader] }"]);
    expect(failures).toContainEqual(expect.stringMatching(/^pinned: with the fix off I7 holds/));
    expect(failures).toContainEqual(expect.stringMatching(/^pinned: with the fix on breaks I7: 16383 slots/));
  });

  it("whose fix ends in corruption is a failure, unless the file says that it must", () => {
    const fix = "fix: { off: [mapBeyondHeader, forgetExtentStart], on: [forgetExtentStart] }";
    const { failures } = run([FIX, fix]);
    expect(failures).toEqual([expect.stringMatching(/^pinned: with the fix on ends corrupt: /)]);
    expect(run([FIX, fix], ["duration: 1s", "duration: 1s\nexpect: { pinned: corrupt }"]).failures).toEqual(
      [],
    );
  });

  it("is one file: a trace would be a second one", () => {
    const { failures } = run(["pattern: uniform, pages: 8000, writes: 0.5,", "trace: cc1.lackey.gz,"]);
    expect(failures.join("\n")).toContain("expected a pattern, because a bug is one file");
  });

  it("without a bug: part is none", () => {
    const { failures } = run([TEXT.slice(TEXT.indexOf("bug:"), TEXT.indexOf("machine:")), ""]);
    expect(failures).toEqual(["bug.yaml: found no bug:, expected a scenario that tells of one"]);
  });
});

describe("a bug file with a mistake in it", () => {
  it.each([
    [FIX, "fix: { off: [mapBeyondHedaer] }", 'found "mapBeyondHedaer" .did you mean "mapBeyondHeader"'],
    [FIX, "fix: {}", "expected a toggle under off or on"],
    [FIX, "fix: { off: [] }", "expected a toggle under off or on"],
    ["invariant: I7", "invariant: I10", 'bug.invariant: found "I10" .+, expected one of I1, I2'],
    ["evidence: commit", "evidence: comit", 'did you mean "commit"'],
    ["ok: [swapon]", "ok: [swapn]", 'found "swapn" .did you mean "swapon"'],
    ["witness: { pagesBack: 1000, ok: [swapon] }", "witness: {}", "expected pages that come back, or steps"],
    ["  seen:", "  sean:", 'the unknown key "sean" .did you mean "seen"'],
  ])("%s as %s is told with what was meant", (from, to, problem) => {
    expect(run([from, to]).failures.join("\n")).toMatch(new RegExp(problem));
  });
});

function shippedBug(name: string): BugFile {
  const file = `workloads/bugs/${name}.yaml`;
  return { file, text: readFileSync(`${import.meta.dirname}/../../../${file}`, "utf8") };
}

describe("what comes of bugs", () => {
  const good = run();
  const bad = unreadable("gone.yaml", ["gone.yaml: permission denied"]);

  it("is a table of bug, strategy and fix, with what went wrong above it", () => {
    const report = bugsReport([good, bad], 120);
    expect(report).toMatch(/KB-13a.*a swap file.*pinned.*I7.*broken.*holds/);
    expect(report.startsWith("gone.yaml\n  gone.yaml: permission denied\n")).toBe(true);
    expect(report).toContain("I7  the slots in use are those that header and mapping both cover");
    expect(report).toContain("1 of 2 bugs");
  });

  it("fits the width of the terminal, apart from a line that is to be copied", () => {
    for (const columns of [80, 100, 160]) {
      const lines = bugsReport([good], columns, true).split("\n");
      for (const line of lines.filter((text) => !text.startsWith("Repeat it: ")))
        expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it("has the story below, if it is asked for: what users saw, why, and what showed it", () => {
    expect(bugsReport([good], 120)).not.toContain("What users saw");
    const report = bugsReport([good], 120, true);
    const { spec, title, variants } = good;
    expect(report).toContain(`\nKB-13a: ${title}\n\n  What users saw: ${spec?.seen}.\n`);
    expect(report).toContain(`\nWithout the fix, with pinned: ${variants[0]?.off.what}\n`);
    expect(report).toContain("\nRepeat it: pagestorm run ");
  });

  it("tells how bytes came to harm, each event with its time", () => {
    const { file, text } = shippedBug("KB-01-blocks-that-move");
    const report = bugsReport([runBug({ file, text }, catalogue)], 100, true);
    expect(report).toMatch(/ {4}0 ns {2}swapon wrote down the addresses of block \d+ of \/swapfile\n/);
    expect(report).toMatch(
      /\n {2}[\d.]+ s {2}swap_readpage read the slot; the block holds block \d+ of \/video\n/,
    );
  });

  it("tells each run with a line that a shell takes, whatever the strategy is called", () => {
    const { file, text } = shippedBug("KB-17-mutex-that-nobody-holds");
    const [story] = bugStories([runBug({ file, text, forReport: true }, catalogue)]);
    const line = `pagestorm run ${file} --strategy 'direct-io(era=2014)'`;
    expect(story?.variants[0]?.repeat).toEqual({ off: line, on: `${line} --toggle swapRwOwnLocking` });
  });

  it("is a document that is the same for the same bugs", () => {
    expect(bugsDocument([run()])).toEqual(bugsDocument([good]));
    expect(bugsDocument([good])).toMatchObject({
      schema: "pagestorm/bugs/1",
      bugs: [{ id: "KB-13a", variants: [{ strategy: "pinned", off: { violated: true, invariant: "I7" } }] }],
    });
  });
});
