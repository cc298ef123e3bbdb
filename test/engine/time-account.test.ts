import { describe, expect, it } from "vitest";
import {
  type Actor,
  delay,
  Engine,
  Mutex,
  Processors,
  TimeAccount,
  TimeWatch,
} from "../../sim/engine/index.ts";

/** One watched process that computes, waits and locks, while another one holds the lock for 500 ns. */
function watched(body: (watch: TimeWatch, cpus: Processors, mutex: Mutex) => Actor) {
  const engine = new Engine({ seed: "time" });
  const cpus = new Processors(engine, 1);
  const mutex = new Mutex(engine, "a lock");
  const account = new TimeAccount((label, on) =>
    on === cpus ? "cpu" : on === mutex ? "lock" : label === "disk" ? "device" : "other",
  );
  const watch = new TimeWatch(account);
  const holder = function* (): Actor {
    yield* mutex.lock("first");
    yield delay("hold", 500);
    mutex.unlock();
  };
  const process = function* (): Actor {
    watch.begin(engine.now, "fault");
    engine.current.watch = watch;
    yield* body(watch, cpus, mutex);
    engine.current.watch = undefined;
    watch.end(engine.now, "the rest", 7);
    yield delay("disk", 1000);
  };
  engine.spawn("holder", holder());
  engine.spawn("watched", process());
  engine.run();
  return account;
}

describe("where time goes", () => {
  it("is told by kind and function, largest first; what is paid later counts as computing", () => {
    const account = watched(function* (_watch, cpus, mutex) {
      yield* mutex.lock("mutex_lock");
      yield* cpus.run("work", 30);
      yield delay("disk", 200);
      mutex.unlock();
    });
    expect(account.slices().map(({ kind, label, time }) => [kind, label, time])).toEqual([
      ["lock", "mutex_lock", 500],
      ["device", "disk", 200],
      ["cpu", "work", 30],
      ["cpu", "the rest", 7],
    ]);
    expect(account.times).toBe(1);
  });

  it("is told by what it was in, and the parts make up the whole", () => {
    const account = watched(function* (watch, cpus) {
      watch.rename("page-in");
      watch.enter("reclaim");
      yield delay("disk", 100);
      yield* cpus.run("work", 20);
      watch.leave();
      yield delay("disk", 50);
    });
    const told = account.slices().map(({ frames, label, time }) => `${[...frames, label].join(">")} ${time}`);
    expect(told).toEqual([
      "page-in>reclaim>disk 100",
      "page-in>disk 50",
      "page-in>reclaim>work 20",
      "page-in>the rest 7",
    ]);
  });
});
