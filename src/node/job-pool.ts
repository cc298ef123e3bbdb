import { SimulationBug } from "../../sim/index.ts";

/** What a worker tells about each job it was sent. */
export type JobMessage<Outcome> =
  | { readonly kind: "run"; readonly run: Outcome }
  /** Not the end: how far the job is, in words. */
  | { readonly kind: "progress"; readonly note: string }
  | { readonly kind: "failure"; readonly message: string; readonly stack: string };

/** A worker thread that does one job after the other, so far as the pool needs it. */
export interface JobThread<Task, Outcome> {
  postMessage(task: Task): unknown;
  on(event: "message", listener: (message: JobMessage<Outcome>) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): unknown;
}

/** Shows how many jobs are done. */
export interface JobProgress {
  update(done: number, planned: number, id: string): void;
  close(): void;
}

interface Job<Task, Outcome> {
  readonly id: string;
  readonly task: Task;
  readonly resolve: (run: Outcome) => void;
  readonly reject: (error: Error) => void;
  /** How far it is, if it told. */
  note?: string;
}

/** Runs jobs in a few threads that stay: starting one costs about as much as a short job. */
export class JobPool<Task, Outcome> {
  readonly #size: number;
  readonly #start: () => JobThread<Task, Outcome>;
  readonly #progress: JobProgress;
  /** Every thread, with the job it works on. */
  readonly #threads = new Map<JobThread<Task, Outcome>, Job<Task, Outcome> | undefined>();
  readonly #waiting: Job<Task, Outcome>[] = [];
  #planned = 0;
  #done = 0;

  constructor(options: {
    readonly size: number;
    readonly start: () => JobThread<Task, Outcome>;
    readonly progress: JobProgress;
  }) {
    this.#size = options.size;
    this.#start = options.start;
    this.#progress = options.progress;
  }

  readonly run = (id: string, task: Task): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      this.#planned++;
      this.#waiting.push({ id, task, resolve, reject });
      this.#dispatch();
    });

  close(): void {
    this.#waiting.length = 0;
    for (const thread of this.#threads.keys()) thread.terminate();
    this.#progress.close();
  }

  /** What is lost if everything stops now. */
  unfinished(): readonly string[] {
    return [...this.#threads.values()].flatMap((job) => (job ? [job.note ?? job.id] : []));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idleThread();
      if (!thread) return;
      const job = this.#waiting.shift()!;
      this.#threads.set(thread, job);
      thread.postMessage(job.task);
    }
  }

  #idleThread(): JobThread<Task, Outcome> | undefined {
    for (const [thread, job] of this.#threads) if (!job) return thread;
    return this.#threads.size < this.#size ? this.#startThread() : undefined;
  }

  #startThread(): JobThread<Task, Outcome> {
    const thread = this.#start();
    this.#threads.set(thread, undefined);
    thread.on("message", (message) => {
      if (message.kind === "progress") {
        this.#note(thread, message.note);
        return;
      }
      const job = this.#finish(thread);
      if (message.kind === "run") job?.resolve(message.run);
      else job?.reject(asError(message));
      this.#dispatch();
    });
    thread.on("error", (error) => this.#lose(thread, error));
    thread.on("exit", (code) => {
      this.#lose(thread, new SimulationBug(`the worker ended with status ${code} in the middle of a job`));
    });
    return thread;
  }

  #note(thread: JobThread<Task, Outcome>, note: string): void {
    const job = this.#threads.get(thread);
    if (!job) return;
    job.note = note;
    this.#progress.update(this.#done, this.#planned, note);
  }

  #finish(thread: JobThread<Task, Outcome>): Job<Task, Outcome> | undefined {
    const job = this.#threads.get(thread);
    this.#threads.set(thread, undefined);
    if (job) this.#progress.update(++this.#done, this.#planned, job.id);
    return job;
  }

  /** A thread that died takes its job with it; another one takes its place. */
  #lose(thread: JobThread<Task, Outcome>, error: Error): void {
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
