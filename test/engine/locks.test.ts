import { describe, expect, it } from "vitest";
import { type Actor, delay, Engine, Mutex, Processors, RangeLock, RwLock } from "../../sim/engine/index.ts";
import { Semaphore } from "../../sim/engine/locks.ts";

/**
 * Actors as lines, "a@5 R hold 10": actor a arrives at 5, takes the lock in mode R and keeps it for 10.
 * Returns when each got it, in order.
 */
function schedule(
  text: string,
  makeLock: (engine: Engine) => (mode: string) => { take(): Actor; give(): void },
): string {
  const engine = new Engine({ seed: "locks" });
  const lock = makeLock(engine);
  const got: string[] = [];
  for (const line of text.split(";")) {
    const [, name, at, mode, hold] = /(\w)@(\d+) (\S+) hold (\d+)/.exec(line)!;
    engine.spawn(
      name!,
      (function* (): Actor {
        yield delay("arrive", Number(at));
        const { take, give } = lock(mode!);
        yield* take();
        got.push(`${name}${engine.now}`);
        yield delay("hold", Number(hold));
        give();
      })(),
    );
  }
  expect(engine.run().kind).toBe("finished");
  return got.join(" ");
}

const mutex = (engine: Engine) => {
  const lock = new Mutex(engine, "mutex");
  return () => ({ take: () => lock.lock("lock"), give: () => lock.unlock() });
};
const readerWriter = (engine: Engine) => {
  const lock = new RwLock(engine, "rwlock");
  return (mode: string) =>
    mode === "W"
      ? { take: () => lock.lockExclusive("write"), give: () => lock.unlockExclusive() }
      : { take: () => lock.lockShared("read"), give: () => lock.unlockShared() };
};
const ranges = (engine: Engine) => {
  const lock = new RangeLock(engine, "range");
  return (mode: string) => {
    const [start, end] = mode.split("-").map(Number);
    return { take: () => lock.lock("lock", start!, end!), give: () => lock.unlock(start!, end!) };
  };
};
const semaphore = (engine: Engine) => {
  const two = new Semaphore(engine, "two", 2);
  return () => ({ take: () => two.acquire("acquire"), give: () => two.release() });
};

describe("locks", () => {
  it.each([
    [
      "a mutex has one holder, in the order of arrival",
      mutex,
      "a@1 M hold 10;b@2 M hold 10;c@3 M hold 10",
      "a1 b11 c21",
    ],
    ["readers share", readerWriter, "a@1 R hold 10;b@2 R hold 10", "a1 b2"],
    ["a writer waits for the readers before it", readerWriter, "a@1 R hold 10;b@2 W hold 10", "a1 b11"],
    [
      "a reader that comes after a waiting writer waits for it",
      readerWriter,
      "a@1 R hold 10;b@2 W hold 10;c@3 R hold 5;d@4 R hold 5",
      "a1 b11 c21 d21",
    ],
    ["ranges that do not meet do not wait", ranges, "a@1 0-4 hold 10;b@2 4-8 hold 10", "a1 b2"],
    ["ranges that meet in one block wait", ranges, "a@1 0-4 hold 10;b@2 3-8 hold 10", "a1 b11"],
    [
      "a range waits behind an earlier waiter it overlaps",
      ranges,
      "a@1 0-4 hold 10;b@2 2-8 hold 10;c@3 6-9 hold 10",
      "a1 b11 c21",
    ],
    ["a semaphore of two lets two in", semaphore, "a@1 S hold 10;b@2 S hold 10;c@3 S hold 10", "a1 b2 c11"],
  ] as const)("%s", (_name, makeLock, text, expected) => {
    expect(schedule(text, makeLock)).toBe(expected);
  });

  it("are not given back by a stranger", () => {
    const engine = new Engine({ seed: "locks" });
    const lock = new Mutex(engine, "mutex");
    engine.spawn("holder", lock.lock("lock"));
    engine.spawn(
      "stranger",
      (function* (): Actor {
        lock.unlock();
      })(),
    );
    expect(() => engine.run()).toThrow("a mutex is unlocked by its holder");
  });
});

describe("the CPUs", () => {
  function elapsed(cpus: number, tasks: readonly number[]): number[] {
    const engine = new Engine({ seed: "cpus" });
    const processors = new Processors(engine, cpus);
    const ends: number[] = [];
    tasks.forEach((work, index) => {
      engine.spawn(
        `task${index}`,
        (function* (): Actor {
          yield* processors.run("work", work);
          ends[index] = engine.now;
        })(),
      );
    });
    engine.run();
    return ends;
  }

  it("are shared: two tasks on one take twice as long, on two they do not", () => {
    expect(elapsed(2, [1000, 1000])).toEqual([1000, 1000]);
    expect(elapsed(1, [1000, 1000])).toEqual([1000, 2000]);
  });

  it("change hands after a slice of 3 ms", () => {
    expect(elapsed(1, [6_000_000, 1_000_000])).toEqual([7_000_000, 4_000_000]);
  });
});
