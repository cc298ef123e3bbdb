import { SimulationBug } from "../../sim/index.ts";
import type { RowRunner } from "../cli/index.ts";
import type { MeasuredMachine, RowRun } from "../validate/index.ts";

/** What a row worker tells about each machine it was sent. */
export type RowMessage =
  | { readonly kind: "run"; readonly run: RowRun }
  | { readonly kind: "failure"; readonly message: string; readonly stack: string };

/** A worker thread that simulates one row after the other, so far as the pool needs it. */
export interface RowThread {
  postMessage(machine: MeasuredMachine): unknown;
  on(event: "message", listener: (message: RowMessage) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): unknown;
}

/** Shows how many rows are done. */
export interface RowProgress {
  update(done: number, planned: number, id: string): void;
  close(): void;
}

interface Job {
  readonly id: string;
  readonly machine: MeasuredMachine;
  readonly resolve: (run: RowRun) => void;
  readonly reject: (error: Error) => void;
}

/** Runs rows in a few threads that stay: starting one costs about as much as a short row. */
export class RowPool implements RowRunner {
  readonly #size: number;
  readonly #start: () => RowThread;
  readonly #progress: RowProgress;
  /** Every thread, with the row it works on. */
  readonly #threads = new Map<RowThread, Job | undefined>();
  readonly #waiting: Job[] = [];
  #planned = 0;
  #done = 0;

  constructor(options: {
    readonly size: number;
    readonly start: () => RowThread;
    readonly progress: RowProgress;
  }) {
    this.#size = options.size;
    this.#start = options.start;
    this.#progress = options.progress;
  }

  readonly run: RowRunner["run"] = (id, machine) =>
    new Promise((resolve, reject) => {
      this.#planned++;
      this.#waiting.push({ id, machine, resolve, reject });
      this.#dispatch();
    });

  close(): void {
    this.#waiting.length = 0;
    for (const thread of this.#threads.keys()) thread.terminate();
    this.#progress.close();
  }

  /** What is lost if everything stops now. */
  unfinished(): readonly string[] {
    return [...this.#threads.values()].flatMap((job) => (job ? [job.id] : []));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idleThread();
      if (!thread) return;
      const job = this.#waiting.shift()!;
      this.#threads.set(thread, job);
      thread.postMessage(job.machine);
    }
  }

  #idleThread(): RowThread | undefined {
    for (const [thread, job] of this.#threads) if (!job) return thread;
    return this.#threads.size < this.#size ? this.#startThread() : undefined;
  }

  #startThread(): RowThread {
    const thread = this.#start();
    this.#threads.set(thread, undefined);
    thread.on("message", (message) => {
      const job = this.#finish(thread);
      if (message.kind === "run") job?.resolve(message.run);
      else job?.reject(asError(message));
      this.#dispatch();
    });
    thread.on("error", (error) => this.#lose(thread, error));
    thread.on("exit", (code) => {
      this.#lose(thread, new SimulationBug(`the worker ended with status ${code} in the middle of a row`));
    });
    return thread;
  }

  #finish(thread: RowThread): Job | undefined {
    const job = this.#threads.get(thread);
    this.#threads.set(thread, undefined);
    if (job) this.#progress.update(++this.#done, this.#planned, job.id);
    return job;
  }

  /** A thread that died takes its row with it; another one takes its place. */
  #lose(thread: RowThread, error: Error): void {
    if (!this.#threads.has(thread)) return;
    this.#finish(thread)?.reject(error);
    this.#threads.delete(thread);
    this.#dispatch();
  }
}

/** An exception loses its class on the way from thread to thread; what counts is its stack. */
function asError({ message, stack }: { readonly message: string; readonly stack: string }): Error {
  const error = new SimulationBug(message);
  error.stack = stack;
  return error;
}
