import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type BugOutcome, bugStories, bugsReport, runBug } from "../../../src/bugs/index.ts";
import { catalogue } from "../../../src/catalogue.ts";
import { readReplayLine } from "../../../src/explore/index.ts";

/** A bug that an order of steps shows, a real one, bent until it fails. */

const FILE = "KB-29a-fault-and-swapoff.yaml";
const TEXT = readFileSync(`${import.meta.dirname}/../../../workloads/bugs/${FILE}`, "utf8");

function run(...changes: readonly (readonly [from: string, to: string])[]): BugOutcome {
  const text = changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replace(from, to);
  }, TEXT);
  return runBug({ file: "bug.yaml", text, forReport: true }, catalogue);
}

const FIRST = "{ run: first, until: get_swap_device }";

describe("a bug with a schedule", () => {
  it("falls in that order of steps, and holds in it with the fix on", () => {
    const { failures, variants } = run();
    expect(failures).toEqual([]);
    expect(variants).toMatchObject([
      { off: { violated: true, verdict: "deadlocked" }, on: { violated: false, verdict: "correct" } },
    ]);
  });

  it("is a failure if the order shows nothing", () => {
    const { failures } = run([`    - ${FIRST}\n    - { run: swapoff }\n`, "    - { run: swapoff }\n"]);
    expect(failures).toContainEqual(expect.stringMatching(/with the fix off I5 holds \(inconclusive: /));
  });

  it("is a failure if the fix does not hold in it", () => {
    const { failures } = run(["off: [noSlotGuard]", "off: [noZeroPagesTest], on: [noSlotGuard]"]);
    expect(failures).toContainEqual(
      expect.stringMatching(/with the fix on breaks I5: dead-lock: first waits/),
    );
  });

  it("is a failure if with the fix on a step or the verdict is not what the file expects", () => {
    const told = run(
      ["do: swapoff", "do: swapoff, expect: EBUSY"],
      ["\nbug:", "\nexpect: { partition: corrupt }\nbug:"],
    );
    expect(told.failures).toEqual([
      "partition: with the fix on expected partition: corrupt, got correct",
      "partition: with the fix on expected partition: swapoff answers EBUSY, got ok",
    ]);
  });

  it("says who takes steps, or who was meant, if nobody is called so", () => {
    const told = (name: string): string => run([FIRST, `{ run: ${name} }`]).failures.join("\n");
    expect(told("frist")).toContain(
      'with the fix off line 1 of the schedule: nobody called "frist" takes a step; did you mean "first"?',
    );
    expect(told("kcompactd")).toMatch(/nobody called "kcompactd" takes a step; there are swapoff, first$/m);
  });

  it("says which line goes further than the machine does", () => {
    expect(run([FIRST, "{ run: first, until: get_swap_devise }"]).failures).toContain(
      "partition: with the fix off line 1 of the schedule: first does not come to get_swap_devise",
    );
    expect(run(["{ run: swapoff }\n", "{ run: swapoff }\n    - { run: swapoff }\n"]).failures).toContain(
      "partition: with the fix off line 3 of the schedule: swapoff takes no step",
    );
  });

  it.each([
    [
      `    - ${FIRST}\n    - { run: swapoff }\n    - { run: first }\n`,
      "    []\n",
      "expected at least one line",
    ],
    [FIRST, "first", "expected a line such as { run: swapoff, until: folio_lock }"],
    [FIRST, "{ run: first, untill: get_swap_device }", 'did you mean "until"'],
    [FIRST, "{ until: get_swap_device }", "run"],
  ])("with %j as %j is told what a line looks like", (from, to, problem) => {
    expect(run([from, to]).failures.join("\n")).toContain(problem);
  });
});

describe("the story of a bug with a schedule", () => {
  const [story] = bugStories([run()]);
  const variant = story?.variants[0];

  it("shows the interleaving", () => {
    expect(variant?.race?.interleaving).toMatch(/CPU 0 +CPU 1/);
    expect(variant?.race?.interleaving).toContain("get_swap_device");
    expect(bugsReport([run()], 100, true)).toContain(variant!.race!.interleaving);
  });

  it("repeats both runs with a line each", () => {
    const lines = [variant?.race?.replay.off ?? "", variant?.race?.replay.on ?? ""].map(readReplayLine);
    expect(lines).toMatchObject([
      { scenario: "bug.yaml", toggles: { broken: true } },
      { scenario: "bug.yaml", toggles: { broken: false } },
    ]);
    expect(variant?.repeat.off).toBe(`pagestorm replay ${variant?.race?.replay.off}`);
  });
});
