import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parkFor } from "../../sim/engine/actor.ts";
import { type Actor, delay, Engine, park, sleep, step, WaitQueue } from "../../sim/engine/index.ts";

/** Actors as a text, one a word: "a10,5" is an actor named a that waits 10 and then 5. Returns who stepped when. */
function trace(text: string): string {
  const engine = new Engine({ seed: "trace" });
  const steps: string[] = [];
  for (const word of text.split(" ")) {
    const name = word[0]!;
    const waits = word.slice(1).split(",").map(Number);
    engine.spawn(
      name,
      (function* (): Actor {
        for (const wait of waits) {
          yield delay("wait", wait);
          steps.push(`${name}${engine.now}`);
        }
      })(),
    );
  }
  engine.run();
  return steps.join(" ");
}

describe("the order of steps", () => {
  it.each([
    ["earlier goes first", "a20 b10", "b10 a20"],
    ["at one instant the one that was scheduled first", "a10 b10 c10", "a10 b10 c10"],
    ["a timer set before the instant comes before a wait of nothing", "a5,5,0 b10", "a5 b10 a10 a10"],
    ["a wait of nothing lets others at the same instant go first", "a10,0 b10", "a10 b10 a10"],
  ])("%s", (_name, text, expected) => {
    expect(trace(text)).toBe(expected);
  });

  it("is the order of (time, sequence) for any set of timers", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 200 }), (waits) => {
        const engine = new Engine({ seed: "order" });
        const order: number[] = [];
        waits.forEach((wait, index) => {
          engine.spawn(
            `p${index}`,
            (function* (): Actor {
              yield delay("wait", wait + 1);
              order.push(index);
            })(),
          );
        });
        engine.run();
        const expected = waits.map((_, index) => index).sort((a, b) => waits[a]! - waits[b]! || a - b);
        expect(order).toEqual(expected);
      }),
    );
  });
});

describe("time that passes without a suspension", () => {
  /** Actors that wait again and again, by yielding or at once where the engine lets them. */
  function run(actors: readonly (readonly number[])[], atOnce: boolean, slice: number) {
    const engine = new Engine({ seed: "advance" });
    const steps: string[] = [];
    actors.forEach((waits, actor) => {
      engine.spawn(
        `actor ${actor}`,
        (function* (): Actor {
          for (const wait of waits) {
            if (!(atOnce && engine.tryAdvance(wait))) yield delay("wait", wait);
            steps.push(`${actor}@${engine.now}`);
          }
        })(),
      );
    });
    for (let until = slice; engine.run(until).kind === "time-is-up"; ) until += slice;
    return { steps, events: engine.events, fingerprint: engine.fingerprint.toString(), now: engine.now };
  }

  it("is the same in every respect as a delay", () => {
    const waits = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(waits, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (actors, slice) => {
        expect(run(actors, true, slice)).toEqual(run(actors, false, slice));
      }),
    );
  });

  it("is given only up to the next event and the end of the run", () => {
    const engine = new Engine({ seed: "advance" });
    const answers: boolean[] = [];
    engine.spawn(
      "early",
      (function* (): Actor {
        yield delay("wait", 10);
        answers.push(
          engine.tryAdvance(40),
          engine.tryAdvance(39),
          engine.tryAdvance(1),
          engine.tryAdvance(0),
        );
        yield delay("wait", 1);
        answers.push(engine.tryAdvance(51), engine.tryAdvance(50));
      })(),
    );
    engine.spawn(
      "late",
      (function* (): Actor {
        yield delay("wait", 50);
      })(),
    );
    engine.run(100);
    expect(answers).toEqual([false, true, false, false, false, true]);
  });

  it("is always given when a chooser decides who goes next: work is no step of its own", () => {
    const engine = new Engine({ seed: "advance", chooser: { choose: () => 0 } });
    let answer = false;
    engine.spawn(
      "only",
      (function* (): Actor {
        answer = engine.tryAdvance(1);
      })(),
    );
    engine.run();
    expect(answer).toBe(true);
    expect(engine.now).toBe(1);
  });
});

describe("a timed park", () => {
  function scene(wakeAt: number, timeout: number): string {
    const engine = new Engine({ seed: "park" });
    const queue = new WaitQueue(engine, "queue");
    const events: string[] = [];
    engine.spawn(
      "sleeper",
      (function* (): Actor {
        const woken = yield* queue.waitFor("sleep", timeout);
        events.push(`${woken ? "woken" : "timed out"} at ${engine.now}`);
        yield delay("go on", 1000);
        events.push(`on at ${engine.now}`);
      })(),
    );
    engine.spawn(
      "waker",
      (function* (): Actor {
        yield delay("wait", wakeAt);
        queue.wakeAll();
      })(),
    );
    engine.run();
    return events.join(", ");
  }

  it("ends when it is woken, and its timer has no effect any more", () => {
    expect(scene(10, 500)).toBe("woken at 10, on at 1010");
  });

  it("ends when time runs out, and a later wake goes past it", () => {
    expect(scene(500, 10)).toBe("timed out at 10, on at 1010");
  });

  it("times out if both happen at one instant and the timer was set first", () => {
    expect(scene(10, 10)).toBe("timed out at 10, on at 1010");
  });
});

describe("a run", () => {
  const forever = function* (): Actor {
    for (;;) yield delay("tick", 10);
  };

  it("ends when every process that is no daemon has ended", () => {
    const engine = new Engine({ seed: "run" });
    engine.spawn("daemon", forever(), { daemon: true });
    engine.spawn(
      "task",
      (function* (): Actor {
        yield delay("work", 25);
      })(),
    );
    expect(engine.run()).toEqual({ kind: "finished", at: 25 });
  });

  it("stops at its limit and takes the step that is due exactly then", () => {
    const engine = new Engine({ seed: "run" });
    engine.spawn("clock", forever());
    expect(engine.run(39)).toEqual({ kind: "time-is-up", at: 39 });
    expect(engine.now).toBe(30);
    engine.run(40);
    expect(engine.now).toBe(40);
  });

  it("is deadlocked when nothing is pending and somebody waits, and says who", () => {
    const engine = new Engine({ seed: "run" });
    engine.spawn(
      "stuck",
      (function* (): Actor {
        yield park("waits for nobody");
      })(),
    );
    expect(engine.run()).toEqual({
      kind: "deadlocked",
      at: 0,
      waiting: [{ process: "stuck", label: "waits for nobody", on: undefined }],
    });
  });

  it("calls endless steps at one instant a livelock, and a spent budget by its name", () => {
    const spin = function* (): Actor {
      for (;;) yield delay("spin", 0);
    };
    const live = new Engine({ seed: "run", limits: { eventsPerInstantMax: 100 } });
    live.spawn("spinner", spin());
    expect(live.run().kind).toBe("livelocked");
    const spent = new Engine({ seed: "run", limits: { eventsMax: 100 } });
    spent.spawn("clock", forever());
    expect(spent.run().kind).toBe("event-budget-spent");
  });

  it("wakes only processes that are parked", () => {
    const engine = new Engine({ seed: "run" });
    const sleeper = engine.spawn("sleeper", forever());
    engine.run(5);
    expect(() => engine.wake(sleeper)).toThrow("only a parked process is woken");
  });

  it("gives the number of a process that ended to a later one, whose timers are its own", () => {
    const engine = new Engine({ seed: "run" });
    const events: number[] = [];
    const child = function* (wait: number): Actor {
      yield parkFor("nap", wait);
      events.push(engine.now);
    };
    engine.spawn(
      "parent",
      (function* (): Actor {
        const first = engine.spawn("first", child(100));
        yield delay("wait", 10);
        engine.wake(first);
        yield delay("wait", 10);
        engine.spawn("second", child(500));
        yield delay("wait", 1000);
      })(),
    );
    engine.run();
    expect(events).toEqual([10, 520]);
  });
});

describe("a chosen order", () => {
  /** Answers from a list, then 0; remembers how many possibilities there were. */
  function scripted(answers: readonly number[]) {
    const asked: number[] = [];
    return {
      asked,
      choose(_question: string, options: number): number {
        asked.push(options);
        return answers[asked.length - 1] ?? 0;
      },
    };
  }

  /** All runs of a scene, by going through all lists of answers. */
  function enumerate(scene: (engine: Engine) => () => string): string[] {
    const outcomes: string[] = [];
    const pending: number[][] = [[]];
    for (let answers = pending.pop(); answers; answers = pending.pop()) {
      const chooser = scripted(answers);
      const engine = new Engine({ seed: "chosen", chooser });
      const outcome = scene(engine);
      engine.run();
      outcomes.push(outcome());
      for (let index = answers.length; index < chooser.asked.length; index++) {
        for (let other = 1; other < chooser.asked[index]!; other++) {
          pending.push([...answers, ...Array.from({ length: index - answers.length }, () => 0), other]);
        }
      }
    }
    return outcomes;
  }

  const twoActors = (steps: number) => (engine: Engine) => {
    let order = "";
    for (const name of ["a", "b"]) {
      engine.spawn(
        name,
        (function* (): Actor {
          for (let index = 0; index < steps; index++) {
            order += name;
            if (index < steps - 1) yield step("step");
          }
        })(),
      );
    }
    return () => order;
  };

  it.each([
    [1, 2],
    [2, 6],
    [3, 20],
    [4, 70],
  ])("of two actors with %i steps each has %i interleavings", (steps, interleavings) => {
    const outcomes = enumerate(twoActors(steps));
    expect(outcomes).toHaveLength(interleavings);
    expect(new Set(outcomes).size).toBe(interleavings);
  });

  const lostUpdate = (engine: Engine) => {
    let counter = 0;
    for (const name of ["a", "b"]) {
      engine.spawn(
        name,
        (function* (): Actor {
          const read = counter;
          yield step("between read and write");
          counter = read + 1;
        })(),
      );
    }
    return () => String(counter);
  };

  it("finds a lost update that the timed order never shows", () => {
    expect(new Set(enumerate(lostUpdate))).toEqual(new Set(["1", "2"]));
    const engine = new Engine({ seed: "timed" });
    const outcome = lostUpdate(engine);
    engine.run();
    expect(outcome()).toBe("2");
  });

  it("is repeated exactly by the same answers", () => {
    const fingerprint = (answers: readonly number[]): string => {
      const engine = new Engine({ seed: "chosen", chooser: scripted(answers) });
      twoActors(3)(engine);
      engine.run();
      return engine.fingerprint.toString();
    };
    expect(fingerprint([1, 0, 1])).toBe(fingerprint([1, 0, 1]));
    expect(fingerprint([1, 0, 1])).not.toBe(fingerprint([0, 1, 1]));
  });

  /** `a` takes steps, `b` a nap of a second; `asked` says who was ready before each step. */
  const napping = () => {
    const asked: string[] = [];
    const engine = new Engine({
      seed: "chosen",
      chooser: {
        choose: () => 0,
        next: (ready, couldGoOn) => {
          const names = ready.map(({ name }) => name);
          asked.push(`${names.join(" ")}${couldGoOn ? " (goes on)" : ""}`);
          return 0;
        },
      },
    });
    engine.spawn(
      "b",
      (function* (): Actor {
        yield sleep("nap", 1_000_000_000);
      })(),
    );
    engine.spawn(
      "a",
      (function* (): Actor {
        yield step("first");
        yield delay("read a block", 100);
        yield step("second");
      })(),
    );
    engine.run();
    return { asked, now: engine.now };
  };

  it("goes on with who stepped last unless told otherwise, and lets sleepers sleep while somebody is awake", () => {
    const { asked, now } = napping();
    expect(asked).toEqual(["b a", "a", "a (goes on)", "a (goes on)", "a (goes on)", "b"]);
    expect(now).toBe(1_000_000_000);
  });

  it("takes over what was timed before it begins: who works is ready, who sleeps is not", () => {
    const engine = new Engine({ seed: "later" });
    const order: string[] = [];
    for (const [name, pause] of [
      ["sleeper", () => sleep("nap", 50)],
      ["worker", () => delay("read a block", 1000)],
    ] as const) {
      engine.spawn(
        name,
        (function* (): Actor {
          yield pause();
          order.push(name);
        })(),
      );
    }
    engine.run(10);
    engine.explore({ choose: () => 0 });
    engine.run();
    expect(order).toEqual(["worker", "sleeper"]);
  });
});
