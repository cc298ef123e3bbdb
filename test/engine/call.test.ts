import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, call, delay, Engine, step } from "../../sim/engine/index.ts";

/** What an actor does: waits so long, lets others in (0), throws (-1), or has another actor do something. */
type Deed = number | readonly Deed[];

const { deeds } = fc.letrec<{ deeds: readonly Deed[]; deed: Deed }>((tie) => ({
  deeds: fc.array(tie("deed"), { maxLength: 4 }),
  deed: fc.oneof({ depthSize: "small" }, fc.integer({ min: -1, max: 9 }), tie("deeds")),
}));

/** Runs actors that call each other, or delegate to each other, and writes down who did what when. */
function run(actors: readonly (readonly Deed[])[], calls: boolean) {
  const engine = new Engine({ seed: "call" });
  const told: string[] = [];
  const act = function* (name: string, todo: readonly Deed[]): Actor {
    for (const [index, deed] of todo.entries()) {
      told.push(`${name}.${index}@${engine.now}`);
      if (deed === -1) throw new Error(`${name}.${index}`);
      if (deed === 0) yield step("step");
      else if (typeof deed === "number") yield delay("wait", deed);
      else {
        const inner = act(`${name}.${index}`, deed);
        try {
          if (calls) yield call(inner);
          else yield* inner;
        } catch (error) {
          told.push(`${name} catches ${(error as Error).message}`);
          if (index % 2 === 0) throw error;
        }
      }
    }
  };
  for (const [index, todo] of actors.entries()) {
    const outermost = function* (): Actor {
      try {
        yield* act(`${index}`, todo);
      } catch {
        told.push(`${index} failed`);
      }
    };
    engine.spawn(`actor ${index}`, outermost());
  }
  engine.run();
  return { told, now: engine.now, events: engine.events, fingerprint: engine.fingerprint.toString() };
}

describe("a called actor", () => {
  it("does what it would do in its caller's place, errors included", () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 3 }), (actors) => {
        expect(run(actors, true)).toEqual(run(actors, false));
      }),
    );
  });

  it("passes an error that nobody catches on to whoever runs the engine", () => {
    const engine = new Engine({ seed: "call" });
    const failing = function* (): Actor {
      yield delay("wait", 1);
      throw new Error("out of luck");
    };
    const caller = function* (): Actor {
      yield call(failing());
    };
    engine.spawn("caller", caller());
    expect(() => engine.run()).toThrow("out of luck");
  });
});
