import { describe } from "vitest";
import { judgeStaleTimelines } from "../support/judge-timelines.ts";

describe("a thousand random timelines with a block list taken once", () => {
  judgeStaleTimelines({ runs: 250, seeds: [1, 2, 3, 4], timeout: 1_800_000 });
});
