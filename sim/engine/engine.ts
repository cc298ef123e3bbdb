import { type Accesses, AccessLog, type Domain } from "./accesses.ts";
import { type Actor, type Pause, PauseKind, step } from "./actor.ts";
import { type Agenda, TimedAgenda } from "./agenda.ts";
import { assert, fail } from "./assert.ts";
import { type Chooser, ChosenAgenda, firstChoice } from "./chosen-agenda.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Process, type ProcessOptions } from "./process.ts";
import { openStreams, type RandomStreams } from "./random.ts";
import type { Duration, Instant } from "./units.ts";

/** Everything has a limit; reaching one is an outcome, not a hang. */
export interface Limits {
  /** Steps after which the run stops with `event-budget-spent`. */
  readonly eventsMax: number;
  /** Steps at one instant before the run is called a livelock. */
  readonly eventsPerInstantMax: number;
}

export const defaultLimits: Limits = { eventsMax: 20_000_000_000, eventsPerInstantMax: 10_000_000 };

/** A process that stands still and what it waits for. */
export interface Waiter {
  readonly process: string;
  readonly label: string;
  readonly on: object | undefined;
}

export type EngineOutcome =
  /** Every process that is not a daemon has ended. */
  | { readonly kind: "finished"; readonly at: Instant }
  | { readonly kind: "time-is-up"; readonly at: Instant }
  /** Nothing is pending and somebody still waits. */
  | { readonly kind: "deadlocked"; readonly at: Instant; readonly waiting: readonly Waiter[] }
  | { readonly kind: "event-budget-spent"; readonly at: Instant }
  | { readonly kind: "livelocked"; readonly at: Instant };

export interface EngineOptions {
  readonly seed: string;
  readonly limits?: Partial<Limits>;
  /** If given, it decides from the start who steps next instead of simulated time. */
  readonly chooser?: Chooser;
}

/**
 * The event loop: holds the processes, asks the agenda who steps next, resumes that actor up to its next yield.
 *
 * Invariants: time never goes back; at one instant processes go on in the order in which they became ready; the
 * same seed and the same answers of the chooser give the same fingerprint.
 */
export class Engine {
  readonly seed: string;
  readonly fingerprint: Fingerprint = new Fingerprint();
  readonly random: RandomStreams;
  /** By process number; the number of a process that has ended is given to a later one. */
  readonly #processes: Process[] = [];
  readonly #endedIds: number[] = [];
  readonly #timed: TimedAgenda;
  #agenda: Agenda;
  #chooser: Chooser = firstChoice;
  readonly #limits: Limits;
  #current: Process | undefined;
  #foreground = 0;
  #events = 0;
  #nextIndex = 0;
  /** What the running step has touched so far; undefined in a timed run. */
  accesses: AccessLog | undefined;
  /** Up to where the present call of `run` may go. */
  #until: Instant = 0;

  constructor(options: EngineOptions) {
    this.seed = options.seed;
    this.random = openStreams(options.seed);
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#timed = new TimedAgenda(this.#processes);
    this.#agenda = this.#timed;
    if (options.chooser) this.explore(options.chooser);
  }

  /**
   * From now on, or from `from`, before which nothing is left to do, `chooser` decides who steps next; what has been timed
   * so far stays as it is.
   */
  explore(chooser: Chooser, from: Instant = this.now): void {
    assert(!this.exploring, "a run is explored from one point on");
    const agenda = new ChosenAgenda(chooser);
    agenda.now = from;
    for (const { process, at } of this.#timed.drain()) {
      if (at <= agenda.now) agenda.soon(process);
      else if (process.pauses) agenda.sleep(process, at);
      else agenda.later(process, at);
    }
    this.accesses = new AccessLog();
    this.#chooser = chooser;
    this.#agenda = agenda;
  }

  /** A chooser decides who steps next. In a timed run a `step` is nothing, and need not be yielded at all. */
  get exploring(): boolean {
    return this.accesses !== undefined;
  }

  get now(): Instant {
    return this.#agenda.now;
  }

  /** Steps taken so far. */
  get events(): number {
    return this.#events;
  }

  /** The process whose step is running. */
  get current(): Process {
    return this.#current ?? fail("a process is running");
  }

  /** A number for something that steps may share, such as a lock. */
  newIndex(): number {
    return this.#nextIndex++;
  }

  /** The running step reads, or changes, something that other processes may touch. Only an explorer wants to know. */
  touch(domain: Domain, index: number, changes: boolean): void {
    this.accesses?.note(domain, index, changes);
  }

  /** Runs `actor` in a part of the machine that shares state all over: every step of it touches the domain. */
  within<Result>(domain: Domain, actor: Actor<Result>): Actor<Result> {
    return this.exploring ? this.#within(domain, actor) : actor;
  }

  *#within<Result>(domain: Domain, actor: Actor<Result>): Actor<Result> {
    const process = this.current;
    const before = process.inside;
    process.inside = domain;
    this.touch(domain, 0, true);
    const result = yield* actor;
    process.inside = before;
    return result;
  }

  /**
   * Runs `actor`, which touches nothing that others could: nobody needs to come in between. In an explored run the next
   * step, which does again, begins with `label`.
   */
  apart<Result>(label: string, actor: Actor<Result>): Actor<Result> {
    return this.exploring ? this.#apart(label, actor) : actor;
  }

  *#apart<Result>(label: string, actor: Actor<Result>): Actor<Result> {
    const process = this.current;
    const before = process.inside;
    process.apart = true;
    process.inside = undefined;
    const result = yield* actor;
    process.apart = false;
    process.inside = before;
    yield step(label);
    return result;
  }

  /** When the next step of anybody is due; a task may run ahead of the queue up to then. */
  nextEventAt(): Instant {
    return this.#agenda.nextAt();
  }

  /** Everybody who has not ended. */
  get processes(): readonly Process[] {
    return this.#processes.filter((process) => process.state !== "done");
  }

  /** Starts an actor at the present instant. The machine runs until every actor that is not a daemon has ended. */
  spawn(name: string, actor: Actor<unknown>, options: ProcessOptions = {}): Process {
    const id = this.#endedIds.pop() ?? this.#processes.length;
    const process = new Process(id, name, actor, options);
    // Timers of the process that had the number before must stay stale.
    process.ticket = this.#processes[id]?.ticket ?? 0;
    this.#processes[id] = process;
    if (!process.daemon) this.#foreground++;
    this.touch("process", id, true);
    this.#agenda.soon(process);
    return process;
  }

  /** Makes a parked process go on at the present instant. */
  wake(process: Process): void {
    assert(process.state === "parked", "only a parked process is woken");
    this.touch("process", process.id, true);
    process.state = "runnable";
    process.timedOut = false;
    process.ticket++;
    this.#agenda.soon(process);
  }

  /** Makes a parked process go on after `duration`: for whoever knows when what it waits for will have happened. */
  wakeAfter(process: Process, label: string, duration: Duration): void {
    assert(process.state === "parked", "only a parked process is woken");
    this.touch("process", process.id, true);
    this.touch("request", process.id, true);
    process.state = "delayed";
    process.label = label;
    process.timedOut = false;
    process.ticket++;
    this.#goOnAfter(process, duration);
  }

  /**
   * Lets `duration` pass for the running process without suspending it, if nothing else is due until then: what `delay`
   * would do, fingerprint and step included, for a fraction of its price. False if it has to yield the delay. Under a
   * chooser work takes no step of its own: others come in where something is touched that they share.
   */
  tryAdvance(duration: Duration): boolean {
    const at = this.now + duration;
    if (!(duration > 0) || (!this.exploring && (at > this.#until || this.#agenda.nextAt() <= at)))
      return false;
    this.#agenda.advance(at);
    this.#events++;
    this.fingerprint.mix(at, this.current.id);
    return true;
  }

  /** Ends everybody but `survivors` where they stand, as a power loss does: no lock is released, nobody is told. */
  killAllBut(survivors: ReadonlySet<Process>): void {
    for (const process of this.processes) if (!survivors.has(process)) this.#end(process);
  }

  /** Asks the one choice point. A timed run always takes the first possibility. `touches` as in `Chooser`. */
  choose(question: string, options: number, touches?: () => Accesses): number {
    assert(options > 0, "a choice has at least one possibility");
    const choice = options === 1 ? 0 : this.#chooser.choose(question, options, touches);
    if (!(choice >= 0 && choice < options)) fail("a chooser picks one of the possibilities");
    return choice;
  }

  /** Runs until every foreground process has ended, `until` is reached, or a limit is. */
  run(until: Instant = Number.POSITIVE_INFINITY): EngineOutcome {
    this.#until = until;
    let instant = -1;
    let eventsAtInstant = 0;
    while (this.#foreground > 0) {
      const process = this.#agenda.next(until);
      if (process === undefined) return this.#stoppedOutcome(until);
      if (this.#agenda.now !== instant) {
        instant = this.#agenda.now;
        eventsAtInstant = 0;
      } else if (++eventsAtInstant > this.#limits.eventsPerInstantMax) {
        return { kind: "livelocked", at: instant };
      }
      if (++this.#events > this.#limits.eventsMax) return { kind: "event-budget-spent", at: instant };
      this.#resume(process);
    }
    return { kind: "finished", at: this.now };
  }

  /** The processes that wait for somebody, daemons included if asked for. */
  waiters(options: { daemons?: boolean } = {}): readonly Waiter[] {
    return this.#processes
      .filter((process) => process.state === "parked" && (options.daemons === true || !process.daemon))
      .map((process) => ({ process: process.name, label: process.label, on: process.waitsFor }));
  }

  #stoppedOutcome(until: Instant): EngineOutcome {
    if (this.#agenda.nextAt() !== Number.POSITIVE_INFINITY) return { kind: "time-is-up", at: until };
    return { kind: "deadlocked", at: this.now, waiting: this.waiters() };
  }

  #resume(process: Process): void {
    // Killed while it stood in the queue.
    if (process.state === "done") return;
    this.fingerprint.mix(this.#agenda.now, process.id);
    if (process.state === "parked") process.timedOut = true;
    process.ticket++;
    process.state = "running";
    const { watch } = process;
    if (watch) watch.waited(process.label, process.waitsFor, this.now - process.suspendedAt);
    process.waitsFor = undefined;
    this.#current = process;
    if (this.accesses) {
      this.touch("process", process.id, true);
      if (process.forgetful) this.touch("request", process.id, true);
      if (process.inside) this.touch(process.inside, 0, true);
    }
    let result = process.advance();
    while (!result.done && result.value.kind === PauseKind.Step && !this.exploring) {
      process.label = result.value.label;
      result = process.advance();
    }
    this.#current = undefined;
    if (result.done) this.#end(process);
    else this.#suspend(process, result.value);
  }

  #suspend(process: Process, pause: Pause): void {
    process.label = pause.label;
    process.waitsFor = pause.on;
    process.pauses = pause.kind === PauseKind.Sleep || pause.kind === PauseKind.ParkFor;
    if (process.watch) process.suspendedAt = this.now;
    switch (pause.kind) {
      case PauseKind.Delay:
        process.state = "delayed";
        this.#goOnAfter(process, pause.duration);
        return;
      case PauseKind.Park:
        process.state = "parked";
        return;
      case PauseKind.ParkFor:
        process.state = "parked";
        this.#agenda.sleep(process, this.now + pause.duration);
        return;
      case PauseKind.Sleep:
        process.state = "delayed";
        this.#agenda.sleep(process, this.now + pause.duration);
        return;
      default:
        process.state = "runnable";
        this.#agenda.soon(process);
    }
  }

  #goOnAfter(process: Process, duration: Duration): void {
    if (!(duration >= 0)) fail("a delay is not negative");
    if (duration === 0) this.#agenda.soon(process);
    else this.#agenda.later(process, this.now + duration);
  }

  #end(process: Process): void {
    process.state = "done";
    process.ticket++;
    this.#endedIds.push(process.id);
    if (!process.daemon) this.#foreground--;
  }
}
