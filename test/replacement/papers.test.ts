import { describe, expect, it } from "vitest";
import { missesOf, pagesOf, picture, policyFor, resident } from "./helpers.ts";

/** Strings worked by hand in papers and textbooks: misses by frames, for each policy. */
const WORKED: {
  readonly source: string;
  readonly string: string;
  readonly misses: [string, number, number][];
}[] = [
  {
    source: "Belady, Nelson and Shedler 1969",
    string: "1 2 3 4 1 2 5 1 2 3 4 5",
    misses: [
      ["fifo", 3, 9],
      ["fifo", 4, 10],
      ["lru", 3, 10],
      ["lru", 4, 8],
      ["min", 3, 7],
      ["min", 4, 6],
    ],
  },
  {
    source: "Silberschatz, Galvin and Gagne, Operating System Concepts",
    string: "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1",
    misses: [
      ["fifo", 3, 15],
      ["lru", 3, 12],
      ["min", 3, 9],
    ],
  },
  {
    source: "Arpaci-Dusseau, Operating Systems: Three Easy Pieces",
    string: "0 1 2 0 1 3 0 3 1 2 1",
    misses: [
      ["fifo", 3, 7],
      ["lru", 3, 5],
      ["min", 3, 5],
    ],
  },
];

describe.each(WORKED)("the string of $source", ({ string, misses }) => {
  it.each(misses)("makes %s with %i frames miss %i times", (name, frames, expected) => {
    expect(missesOf(name, frames, pagesOf(string))).toBe(expected);
  });
});

it("more memory makes FIFO worse: Belady's anomaly, access by access", () => {
  const string = pagesOf("1 2 3 4 1 2 5 1 2 3 4 5");
  expect(picture("fifo", 3, string)).toBe("xxxxxxx..xx.");
  expect(picture("fifo", 4, string)).toBe("xxxx..xxxxxx");
});

/** Worked by hand: page, hit or miss, the pages in memory afterwards. */
type Step = [page: number, mark: "hit" | "miss", inMemory: number[], why: string];

function follow(name: string, capacity: number, steps: readonly Step[]): void {
  const string = Uint32Array.from(steps, ([page]) => page);
  const policy = policyFor(name, capacity, string);
  const pages = Math.max(...string) + 1;
  for (const [index, [page, mark, inMemory, why]] of steps.entries()) {
    const said = policy.access(page) ? "hit" : "miss";
    expect({ index, why, mark: said, inMemory: resident(policy, pages) }).toEqual({
      index,
      why,
      mark,
      inMemory,
    });
  }
}

it("CLOCK spares a page that was used, once", () => {
  follow("clock", 3, [
    [1, "miss", [1], ""],
    [2, "miss", [1, 2], ""],
    [3, "miss", [1, 2, 3], ""],
    [2, "hit", [1, 2, 3], "2 is marked"],
    [4, "miss", [2, 3, 4], "the hand stands at 1, which was not used again"],
    [1, "miss", [1, 2, 4], "2 loses its mark, 3 goes"],
    [5, "miss", [1, 2, 5], "the hand is back at 4, which was not used again"],
    [3, "miss", [1, 3, 5], "2 has no mark any more"],
  ]);
});

it("ARC moves its target as misses on ghosts say", () => {
  follow("arc", 2, [
    [1, "miss", [1], "T1 = 1"],
    [1, "hit", [1], "T2 = 1"],
    [2, "miss", [1, 2], "T1 = 2"],
    [3, "miss", [1, 3], "p = 0, so T1 is too long: 2 becomes a ghost in B1"],
    [2, "miss", [2, 3], "ghost of B1: p = 1, T1 is right, 1 of T2 goes to B2, 2 to T2"],
    [1, "miss", [1, 2], "ghost of B2: p = 0, T1 is too long, 3 goes to B1, 1 to T2"],
    [3, "miss", [1, 3], "ghost of B1: p = 1, T1 is empty, 2 of T2 goes to B2, 3 to T2"],
    [1, "hit", [1, 3], "T2 = 1 3"],
    [4, "miss", [1, 4], "T1 is empty, 3 of T2 goes to B2 = 3 2; T1 = 4"],
    [5, "miss", [4, 5], "four pages are known: 2 is forgotten, 1 of T2 goes to B2 = 1 3; T1 = 5 4"],
    [6, "miss", [5, 6], "T1 fills memory: 4 goes and leaves no ghost"],
    [4, "miss", [4, 6], "so it is new: 5 goes and leaves no ghost, T1 = 4 6"],
    [4, "hit", [4, 6], "T2 = 4, T1 = 6"],
    [3, "miss", [3, 4], "ghost of B2: p = 0, T1 is too long, 6 goes to B1, T2 = 3 4"],
  ]);
});

it("S3-FIFO lets a page used twice into the main queue, and a ghost", () => {
  follow("s3-fifo", 3, [
    [1, "miss", [1], ""],
    [2, "miss", [1, 2], ""],
    [3, "miss", [1, 2, 3], "small = 3 2 1"],
    [1, "hit", [1, 2, 3], ""],
    [1, "hit", [1, 2, 3], "1 was used twice since it came in"],
    [2, "hit", [1, 2, 3], "2 once"],
    [4, "miss", [1, 3, 4], "1 goes to main; one use is not enough for 2, a ghost now"],
    [2, "miss", [1, 2, 4], "3 becomes a ghost; the ghost 2 enters main = 2 1"],
    [1, "hit", [1, 2, 4], ""],
    [5, "miss", [1, 2, 5], "4 becomes a ghost; ghosts = 4 3"],
    [3, "miss", [1, 2, 3], "5 becomes a ghost; the ghost 3 enters main = 3 2 1; ghosts = 5 4"],
    [6, "miss", [1, 3, 6], "small is empty: 1 pays for a round, 2 goes without a ghost; main = 1 3"],
    [2, "miss", [1, 2, 3], "6 becomes a ghost, 4 is forgotten; 2 enters small"],
    [4, "miss", [1, 3, 4], "2 becomes a ghost; 4 enters small"],
    [7, "miss", [1, 3, 7], "4 becomes a ghost, so it was in small"],
  ]);
});

it("random takes each page now and then, and the same ones for the same seed", () => {
  const victims = (seed: string): number[] => {
    const policy = policyFor("random", 4, pagesOf("3"), seed);
    for (const page of [0, 1, 2, 3]) policy.insert(page);
    return Array.from({ length: 4000 }, () => {
      const page = policy.evict();
      policy.insert(page);
      return page;
    });
  };
  const some = victims("a");
  expect(victims("a")).toEqual(some);
  expect(victims("b")).not.toEqual(some);
  for (const page of [0, 1, 2, 3]) {
    // 1000 expected, with a standard deviation of 27.
    expect(Math.abs(some.filter((victim) => victim === page).length - 1000)).toBeLessThan(140);
  }
});
