import { SECOND } from "../../sim/engine/index.ts";
import { simulate } from "../../sim/index.ts";
import { patterns } from "../../workloads/index.ts";
import { memoryTask, plain, smallScenario, step, writerTask } from "./scenarios.ts";

/** A whole machine with a Zipf workload, balance and defrag: its result as text, to be compared between engines. */
export function portableRun(): string {
  const zipf = () =>
    patterns.require("zipf").create({ pages: 2000, writes: 0.3, seed: 3, permute: true, alpha: 0.7 });
  const scenario = smallScenario({
    duration: 12 * SECOND,
    tasks: [memoryTask(2000, { open: zipf }), writerTask("/db")],
    timeline: [step(3, "balance", { vrange: "/swapfile" }), step(8, "defrag", { path: "/db" })],
  });
  return JSON.stringify(simulate(scenario, plain("direct-io")));
}
