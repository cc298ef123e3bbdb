import { describe } from "vitest";
import { judgeSafeTimelines, judgeStaleTimelines } from "./support/judge-timelines.ts";

const AMOUNT = { runs: 100, seeds: [-485_585_554], timeout: 240_000 };

describe("a hundred random timelines", () => {
  judgeSafeTimelines({ ...AMOUNT, least: 2 });
  judgeStaleTimelines(AMOUNT);
});
