import { describe, expect, it } from "vitest";
import { type JobMessage, JobPool, type JobThread } from "../../../src/node/job-pool.ts";
import type { MeasuredMachine, RowRun } from "../../../src/validate/index.ts";

/** A thread that does what the test says. */
class FakeThread implements JobThread<MeasuredMachine, RowRun> {
  readonly machines: MeasuredMachine[] = [];
  terminated = false;
  readonly #listeners = new Map<string, (value: never) => void>();

  postMessage(machine: MeasuredMachine): void {
    this.machines.push(machine);
  }

  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, listener);
  }

  terminate(): void {
    this.terminated = true;
  }

  tell(message: JobMessage<RowRun>): void {
    this.#listeners.get("message")?.(message as never);
  }

  exit(code: number): void {
    this.#listeners.get("exit")?.(code as never);
  }
}

function pool(size: number) {
  const threads: FakeThread[] = [];
  const progress: string[] = [];
  const rows = new JobPool<MeasuredMachine, RowRun>({
    size,
    start: () => {
      const thread = new FakeThread();
      threads.push(thread);
      return thread;
    },
    progress: {
      update: (done, planned, id) => progress.push(`${done}/${planned} ${id}`),
      close: () => progress.push("closed"),
    },
  });
  const run = (id: string) => rows.run(id, { kernel: id } as MeasuredMachine);
  return { rows, run, threads, progress };
}

const skipped = (reason: string): RowRun => ({ kind: "skipped", reason });
const kernels = (thread: FakeThread | undefined) => thread?.machines.map(({ kernel }) => kernel);

describe("the pool of row threads", () => {
  it("starts no more threads than it may, and gives each the next row", async () => {
    const { run, threads } = pool(2);
    const runs = ["a", "b", "c"].map(run);
    expect(threads).toHaveLength(2);
    threads[1]!.tell({ kind: "run", run: skipped("b is done") });
    expect(kernels(threads[1])).toEqual(["b", "c"]);
    threads[1]!.tell({ kind: "run", run: skipped("c is done") });
    threads[0]!.tell({ kind: "run", run: skipped("a is done") });
    const reasons = (await Promise.all(runs)).map((result) => result.kind === "skipped" && result.reason);
    expect(reasons).toEqual(["a is done", "b is done", "c is done"]);
  });

  it("tells how far it is", async () => {
    const { rows, run, threads, progress } = pool(1);
    const runs = ["a", "b"].map(run);
    for (const _row of runs) threads[0]!.tell({ kind: "run", run: skipped("") });
    await Promise.all(runs);
    rows.close();
    expect(progress).toEqual(["1/2 a", "2/2 b", "closed"]);
  });

  it("hands on the stack of a defect and goes on", async () => {
    const { run, threads } = pool(1);
    const bad = run("bad");
    const good = run("good");
    threads[0]!.tell({ kind: "failure", message: "broken", stack: "broken\n  at reclaim" });
    await expect(bad).rejects.toMatchObject({ message: "broken", stack: "broken\n  at reclaim" });
    threads[0]!.tell({ kind: "run", run: skipped("fine") });
    await expect(good).resolves.toEqual(skipped("fine"));
  });

  it("replaces a thread that dies, whose row is lost", async () => {
    const { run, threads } = pool(1);
    const lost = run("lost");
    const next = run("next");
    threads[0]!.exit(137);
    await expect(lost).rejects.toThrow("the worker ended with status 137 in the middle of a job");
    expect(kernels(threads[1])).toEqual(["next"]);
    threads[1]!.tell({ kind: "run", run: skipped("") });
    await next;
  });

  it("knows what is lost when it is closed, and stops it", () => {
    const { rows, run, threads } = pool(2);
    for (const id of ["a", "b", "c"]) run(id);
    expect(rows.unfinished()).toEqual(["a", "b"]);
    rows.close();
    expect(threads.map(({ terminated }) => terminated)).toEqual([true, true]);
  });
});
