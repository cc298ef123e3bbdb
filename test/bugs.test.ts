import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type BugOutcome, runBug } from "../src/bugs/index.ts";
import { catalogue } from "../src/catalogue.ts";

/** Every known bug, with its fix off and on: what `pagestorm bugs` runs. */

const FOLDER = `${import.meta.dirname}/../workloads/bugs`;
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .toSorted();

const outcomes = new Map<string, BugOutcome>();
function run(file: string): BugOutcome {
  const known = outcomes.get(file);
  if (known) return known;
  const outcome = runBug({ file, text: readFileSync(`${FOLDER}/${file}`, "utf8") }, catalogue);
  outcomes.set(file, outcome);
  return outcome;
}

describe("a known bug falls with its fix off, by the promise it is known for, and holds with it on", () => {
  it.each(FILES)("%s", (file) => {
    expect(run(file).failures).toEqual([]);
  });
});

/** What each entry of the catalogue of bugs is known to break; where the entry holds several, all of them do. */
const PROMISES: Readonly<Record<string, string>> = {
  "KB-01": "I1 I2",
  "KB-02": "I1 I2",
  "KB-03": "I2 I7",
  "KB-04": "I2",
  "KB-10": "I6",
  "KB-11": "I6",
  "KB-12": "I6",
  "KB-13": "I7",
  "KB-14": "I7",
  "KB-15": "I4 I7",
  "KB-16": "I5",
  "KB-20": "I5",
  "KB-21": "I5",
  "KB-22": "I5",
  "KB-27": "I1",
  "KB-30": "I9",
  "KB-33": "I4 I6",
  "KB-37": "I6",
  "KB-38": "I3",
};

describe("the catalogue of bugs", () => {
  it.each(Object.entries(PROMISES))("%s breaks %s", (entry, promises) => {
    const parts = FILES.filter((file) => file.replace(/^(KB-\d+).*$/, "$1") === entry);
    expect(parts).not.toEqual([]);
    for (const file of parts) expect(run(file).spec?.invariants.join(" ")).toBe(promises);
  });

  it("names each file after the bug in it", () => {
    for (const file of FILES) expect(file.startsWith(`${run(file).spec?.id}-`)).toBe(true);
  });

  it("marks the one that nobody has seen", () => {
    const hypotheses = FILES.filter((file) => run(file).spec?.evidence === "hypothesis");
    expect(hypotheses).toEqual(["KB-33-swap-count-left-behind.yaml"]);
  });

  it("tries what came through the filesystem with each transport that it concerns", () => {
    const strategies = run("KB-15-header-of-the-other-byte-order.yaml").variants.map(
      ({ strategy }) => strategy,
    );
    expect(strategies).toEqual(["bmap", "pinned", "direct-io", "swap-rw"]);
  });
});
