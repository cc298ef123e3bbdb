import { type Progress, SimulationBug, type StrategyResult } from "../../sim/index.ts";
import type { Runner, RunnerJob } from "../cli/index.ts";
import type { ProgressDisplay } from "./progress.ts";
import type { WorkerJob, WorkerMessage } from "./worker-messages.ts";

/** A worker thread, so far as the pool needs it. */
export interface WorkerThread {
  on(event: "message", listener: (message: WorkerMessage) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): unknown;
}

/** Runs each variant in a worker of its own, at most `size` at a time. */
export class WorkerPool implements Runner {
  readonly #job: RunnerJob;
  readonly #start: (job: WorkerJob) => WorkerThread;
  readonly #progress: ProgressDisplay;
  readonly #running = new Set<WorkerThread>();
  /** Simulated seconds that each unfinished variant has come to. */
  readonly #unfinished = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(
    job: RunnerJob,
    options: {
      readonly size: number;
      readonly start: (job: WorkerJob) => WorkerThread;
      readonly progress: ProgressDisplay;
    },
  ) {
    this.#job = job;
    this.#free = options.size;
    this.#start = options.start;
    this.#progress = options.progress;
  }

  readonly run: Runner["run"] = async (_scenario, { name }) => {
    await this.#seat();
    try {
      return await this.#runHere(name);
    } finally {
      this.#free++;
      this.#waiting.shift()?.();
    }
  };

  /** Stops whatever still runs. */
  close(): void {
    for (const worker of this.#running) worker.terminate();
    this.#waiting.length = 0;
    this.#progress.close();
  }

  /** What is lost if everything stops now: each variant that has begun and not ended. */
  unfinished(): readonly string[] {
    return [...this.#unfinished].map(
      ([variant, seconds]) => `${variant} (${seconds.toFixed(1)} s simulated)`,
    );
  }

  /** Waits until a worker may be started, first come, first served. */
  async #seat(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free--;
  }

  /**
   * The promise settles with the first message that ends the job. The exit that follows then finds it settled;
   * an exit without such a message (out of memory, a crash) is a failure of its own.
   */
  #runHere(variant: string): Promise<StrategyResult> {
    return new Promise((resolve, reject) => {
      const worker = this.#start({ job: this.#job, variant });
      this.#running.add(worker);
      this.#unfinished.set(variant, 0);
      worker.on("message", (message) => {
        if (message.kind === "progress") this.#advance(variant, message.progress);
        else if (message.kind === "result") resolve(message.result);
        else reject(asError(message));
      });
      worker.on("error", reject);
      worker.on("exit", (code) => {
        this.#running.delete(worker);
        this.#unfinished.delete(variant);
        this.#progress.end(variant);
        reject(new SimulationBug(`the worker ended with status ${code} and without a result`));
      });
    });
  }

  #advance(variant: string, progress: Progress): void {
    this.#unfinished.set(variant, progress.simulatedNs / 1e9);
    this.#progress.update(variant, progress);
  }
}

/** An exception loses its class on the way from thread to thread; what counts is its stack. */
function asError({ message, stack }: { readonly message: string; readonly stack: string }): Error {
  const error = new SimulationBug(message);
  error.stack = stack;
  return error;
}
