import { Registry } from "../../engine/index.ts";
import { bounded } from "./bounded.ts";
import { coverageGuided } from "./coverage-guided.ts";
import { dpor } from "./dpor.ts";
import { pct } from "./pct.ts";
import { randomWalk } from "./random-walk.ts";
import { roundRobin } from "./round-robin.ts";
import type { Search } from "./search.ts";

/** All ways to go through schedules. */
export const searches: Registry<Search> = new Registry("search", [
  bounded,
  dpor,
  pct,
  coverageGuided,
  randomWalk,
  roundRobin,
]);
