import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { StrategyVariant } from "../../../sim/index.ts";
import { noProgress } from "../../../src/node/progress.ts";
import type { WorkerMessage } from "../../../src/node/worker-messages.ts";
import { WorkerPool } from "../../../src/node/worker-pool.ts";
import { fakeResult, smallScenario } from "../fakes.ts";

/** A worker that says what it is told to. */
class FakeWorker extends EventEmitter {
  readonly variant: string;
  isStopped = false;

  constructor(variant: string) {
    super();
    this.variant = variant;
  }

  say(message: WorkerMessage): void {
    this.emit("message", message);
  }

  succeed(): void {
    this.say({ kind: "result", result: fakeResult(this.variant) });
    this.emit("exit", 0);
  }

  terminate(): void {
    this.isStopped = true;
    this.emit("exit", 1);
  }
}

function poolOf(size: number): { pool: WorkerPool; workers: FakeWorker[]; shown: string[] } {
  const workers: FakeWorker[] = [];
  const shown: string[] = [];
  const pool = new WorkerPool(
    { file: "s.yaml", text: "", quiet: false },
    {
      size,
      start: ({ variant }) => {
        const worker = new FakeWorker(variant);
        workers.push(worker);
        return worker;
      },
      progress: {
        ...noProgress,
        update: (variant, { simulatedNs }) => void shown.push(`${variant} ${simulatedNs}`),
      },
    },
  );
  return { pool, workers, shown };
}

function run(pool: WorkerPool, name: string): Promise<string> {
  const variant: StrategyVariant = { name, strategy: name, options: {} };
  return pool.run(smallScenario(), variant).then((result) => result.name);
}

/** Lets everything happen that needs no outside event. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the worker pool", () => {
  it("starts no more workers than it may, and the next when one has ended", async () => {
    const { pool, workers } = poolOf(2);
    const runs = ["a", "b", "c"].map((name) => run(pool, name));
    await settle();
    expect(workers.map(({ variant }) => variant)).toEqual(["a", "b"]);
    workers[1]!.succeed();
    await settle();
    expect(workers.map(({ variant }) => variant)).toEqual(["a", "b", "c"]);
    workers[0]!.succeed();
    workers[2]!.succeed();
    expect(await Promise.all(runs)).toEqual(["a", "b", "c"]);
  });

  it("hands progress on", async () => {
    const { pool, workers, shown } = poolOf(1);
    const running = run(pool, "a");
    await settle();
    workers[0]!.say({ kind: "progress", progress: { simulatedNs: 5, durationNs: 10, events: 1 } });
    workers[0]!.succeed();
    await running;
    expect(shown).toEqual(["a 5"]);
  });

  it("fails with the worker's own message and stack", async () => {
    const { pool, workers } = poolOf(1);
    const running = run(pool, "a");
    await settle();
    workers[0]!.say({
      kind: "failure",
      message: "broken rule",
      stack: "SimulationBug: broken rule\n  at somewhere",
    });
    await expect(running).rejects.toMatchObject({
      message: "broken rule",
      stack: expect.stringContaining("somewhere"),
    });
  });

  it("fails when a worker ends without a word", async () => {
    const { pool, workers } = poolOf(1);
    const running = run(pool, "a");
    await settle();
    workers[0]!.emit("exit", 134);
    await expect(running).rejects.toThrow("status 134");
  });

  it("stops whatever still runs when it is closed", async () => {
    const { pool, workers } = poolOf(2);
    const runs = [run(pool, "a"), run(pool, "b")];
    const outcome = Promise.allSettled(runs);
    await settle();
    pool.close();
    expect(workers.every(({ isStopped }) => isStopped)).toBe(true);
    expect((await outcome).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("tells what an interruption would lose: what has begun and not ended", async () => {
    const { pool, workers } = poolOf(2);
    const runs = ["bmap", "pinned", "direct-io"].map((name) => run(pool, name).catch(() => name));
    await settle();
    workers[0]!.say({ kind: "progress", progress: { simulatedNs: 12.34e9, durationNs: 60e9, events: 1 } });
    workers[1]!.succeed();
    await settle();
    expect(pool.unfinished()).toEqual(["bmap (12.3 s simulated)", "direct-io (0.0 s simulated)"]);
    pool.close();
    await Promise.all(runs);
    expect(pool.unfinished()).toEqual([]);
  });
});
