import { describe } from "vitest";
import { judgeTimelines } from "./support/judge-timelines.ts";

describe("a hundred random timelines", () => {
  judgeTimelines(100, 2, 120_000);
});
