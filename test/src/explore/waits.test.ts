import { describe, expect, it } from "vitest";
import { waitSentence, waitSentences } from "../../../src/explore/waits.ts";
import { SELF_LOCK, SELF_LOCK_STRATEGY } from "../../support/schedules.ts";
import { explorer } from "../cli/explorer.ts";

describe("a wait in words", () => {
  const wait = { who: "a", in: "f", for: "the lock" };

  it.each([
    [{ ...wait, on: ["b"] }, "a waits in f for the lock, which b has."],
    [{ ...wait, on: ["a"] }, "a waits in f for the lock, which it has itself."],
    [{ ...wait, on: ["a", "b"] }, "a waits in f for the lock, which it and b have."],
    [
      { ...wait, on: ["b", "c"], any: true as const },
      "a waits in f for the lock, which only b or c can bring about.",
    ],
    [{ ...wait, on: [], never: "a word from nobody" }, "a waits in f in vain, for a word from nobody."],
    [{ who: "a", in: "f", on: [] }, "a waits in f for something without a name."],
  ])("%#: %s", (given, sentence) => {
    expect(waitSentence(given)).toBe(sentence);
  });

  it("is not told of who waits for a device", () => {
    expect(waitSentences([{ ...wait, on: [] }])).toEqual([]);
  });
});

describe("a dead-lock in a mail", () => {
  it("says who waits for whom, and nothing of a stale fact", async () => {
    const { stdout } = await explorer(
      `explore s.yaml --strategy ${SELF_LOCK_STRATEGY} --search round-robin --schedules 1`,
      SELF_LOCK,
    );
    expect(stdout).toContain(`
Who waits for whom:
  program waits in lock_page (dio_bio_complete) in vain, for the lock
    of a page that the task itself holds.
`);
    expect(stdout).not.toContain("Stale fact");
  });
});
