import { describe } from "vitest";
import { judgeSafeTimelines } from "../support/judge-timelines.ts";

describe("a thousand random timelines", () => {
  judgeSafeTimelines({ runs: 250, seeds: [1, 2, 3, 4], least: 50, timeout: 1_800_000 });
});
