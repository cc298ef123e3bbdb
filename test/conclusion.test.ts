import { describe, expect, it } from "vitest";
import { type Conclusion, conclude } from "../sim/conclusion.ts";
import { type Engine, type EngineOutcome, park } from "../sim/engine/index.ts";
import { Init } from "../sim/init.ts";
import { Machine } from "../sim/machine.ts";
import { plain, smallScenario } from "./support/scenarios.ts";

/** What a machine comes to whose run ended so, with processes that wait in these functions and hold no lock. */
function conclusionOf(end: (engine: Engine) => EngineOutcome, ...labels: readonly string[]): Conclusion {
  const machine = new Machine(smallScenario({ swap: [], filesystem: undefined }), plain("partition"));
  const { engine, scenario } = machine;
  for (const label of labels) {
    engine.spawn(
      "waiter",
      (function* () {
        yield park(label);
      })(),
    );
  }
  engine.run(scenario.duration);
  return conclude(machine, new Init(machine), end(engine));
}

describe("the conclusion", () => {
  it("says where those stand whom nobody will wake, although no lock is held", () => {
    const nothingPending = (engine: Engine): EngineOutcome => ({
      kind: "deadlocked",
      at: engine.now,
      waiting: engine.waiters(),
    });
    const { verdict, deadlockedIn } = conclusionOf(
      nothingPending,
      ...["wait_event", "folio_wait_bit", "wait_event"],
    );
    expect([verdict, deadlockedIn]).toEqual(["deadlocked", ["folio_wait_bit", "wait_event"]]);
  });

  it("tells steps without end from a wait", () => {
    const { verdict, deadlockedIn } = conclusionOf(({ now }) => ({ kind: "livelocked", at: now }));
    expect([verdict, deadlockedIn]).toEqual(["deadlocked", ["steps without end"]]);
  });

  it("has no such place if everybody ends", () => {
    expect(conclusionOf(({ now }) => ({ kind: "finished", at: now })).deadlockedIn).toEqual([]);
  });
});
