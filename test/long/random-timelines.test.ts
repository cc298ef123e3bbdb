import { describe } from "vitest";
import { judgeTimelines } from "../support/judge-timelines.ts";

describe("three hundred random timelines", () => {
  judgeTimelines(300, 15, 1_800_000);
});
