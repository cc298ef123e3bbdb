import { describe, expect, it } from "vitest";
import { readReplayFile } from "../../../src/explore/index.ts";

const GOOD = `pagestorm: schedule/1
scenario: basic.yaml
hash: 0123abcd
strategy: bmap
schedule:
  - { run: kswapd, steps: 2 }
  - { run: balance, until: relocate_block_group }
`;

/** What is wrong with the good file when `from` is replaced by `to`; the message of each problem without its excerpt. */
function problemsWith(from: string, to: string): readonly string[] {
  expect(GOOD).toContain(from);
  const { problems } = readReplayFile("found.yaml", GOOD.replace(from, to));
  return (problems ?? []).map((problem) => problem.split("\n")[0]!);
}

describe("a saved schedule", () => {
  it("is read with what was left out of it", () => {
    expect(readReplayFile("found.yaml", GOOD).replay).toMatchObject({
      strategy: "bmap",
      toggles: { on: [], off: [], broken: false },
      without: [],
      schedule: [
        { run: "kswapd", steps: 2 },
        { run: "balance", until: "relocate_block_group" },
      ],
    });
  });

  it.each([
    ["steps: 2", "steps: 0", "6:27: schedule[0].steps: found 0, expected at least one step"],
    ["steps: 2", "stops: 2", "6:27: schedule[0].stops: found 2, expected the label of a step"],
    ["run: kswapd, ", "", "6:5: schedule[0].run: found nothing, expected the name of an actor"],
    [
      "steps: 2",
      "step: 2",
      '6:20: schedule[0].step: found the unknown key "step", expected no key of that name here',
    ],
    [
      "hash: 0123abcd\n",
      "",
      "1:1: hash: found nothing, expected eight hexadecimal digits, the hash of the scenario's text",
    ],
    [
      "0123abcd",
      "abc",
      '3:7: hash: found "abc", expected eight hexadecimal digits, the hash of the scenario\'s text',
    ],
    [
      "schedule/1",
      "schedule/2",
      '1:12: pagestorm: found "schedule/2", expected schedule/1, the format this version reads',
    ],
    [
      "strategy: bmap",
      "strategy: bmap\nwithout: x",
      '5:10: without: found "x", expected a list of names of actors',
    ],
    [
      "{ run: kswapd, steps: 2 }",
      "{ run: kswapd, steps: 2",
      '7:3: found "-", expected a } that closes the { further up',
    ],
  ])("in which %j has become %j is refused with its place", (from, to, problem) => {
    expect(problemsWith(from, to)).toEqual([`found.yaml:${problem}`]);
  });

  it("has all its problems told at once, in the order of the file", () => {
    const lines = problemsWith("strategy: bmap\nschedule:", "schedule: 1\nmore:");
    expect(lines.map((line) => line.split(": ")[1])).toEqual(["strategy", "schedule", "more"]);
  });
});
