import { describe } from "vitest";
import { judgeTimelines } from "../support/judge-timelines.ts";

describe("a thousand random timelines", () => {
  judgeTimelines(1000, 50, 1_800_000);
});
