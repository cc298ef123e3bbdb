import type { Accesses, Domain } from "./accesses.ts";
import { type Actor, DONE, type Pause, PauseKind } from "./actor.ts";
import type { TimeWatch } from "./time-account.ts";
import type { Instant } from "./units.ts";

/**
 * What `next` of every generator is. Each generator function has a prototype of its own, so a look-up of `next` by name
 * never gets to know the objects it meets.
 */
const resume: (this: Actor<unknown>) => IteratorResult<Pause, unknown> = DONE.next;

export type ProcessState = "runnable" | "delayed" | "parked" | "running" | "done";

export interface ProcessOptions {
  readonly daemon?: boolean;
  readonly forgetful?: boolean;
  readonly willTouch?: () => Accesses;
  readonly inside?: Domain;
}

/** One running actor: its generator, where it stands, and what it waits for. */
export class Process {
  readonly id: number;
  readonly name: string;
  /** A daemon (kswapd, a device channel, the commit thread) does not keep the machine running. */
  readonly daemon: boolean;
  /** It keeps nothing from one wake-up to the next, so whoever is free may do the work (a device channel). */
  readonly forgetful: boolean;
  state: ProcessState = "runnable";
  /** Label of the last yield. */
  label = "start";
  /** What the last park waits for, for the wait-for graph. */
  waitsFor: object | undefined = undefined;
  /** The last yield was for a timer: nothing is done until it rings. */
  pauses = false;
  /** What it touches in every step at present, because it runs code that shares state all over. */
  inside: Domain | undefined;
  /** Until further notice it touches nothing that others could: it only waits for what it has asked for. */
  apart = false;
  /** True if the last `parkFor` ended because time ran out. */
  timedOut = false;
  /** When it was sent a signal; undefined while none is pending. */
  signalledAt: Instant | undefined = undefined;
  /** Somebody wants to know where its time goes. */
  watch: TimeWatch | undefined = undefined;
  /** When it was suspended last; kept only while it is watched. */
  suspendedAt: Instant = 0;
  /** Grows whenever the process is resumed, so that a timer set before is recognised as stale. */
  ticket = 0;

  /** Things that its next step will touch, if that is known beforehand. */
  readonly willTouch: (() => Accesses) | undefined;
  /** The actor that goes on next, and those who called it, the outermost first. */
  #actor: Actor<unknown>;
  #callers: Actor<unknown>[] | undefined;

  constructor(id: number, name: string, actor: Actor<unknown>, options: ProcessOptions) {
    this.id = id;
    this.name = name;
    this.#actor = actor;
    this.daemon = options.daemon ?? false;
    this.forgetful = options.forgetful ?? false;
    this.inside = options.inside;
    this.willTouch = options.willTouch;
  }

  /** Goes on to the next pause, or to the end. */
  advance(): IteratorResult<Pause, unknown> {
    // Those who never call pay nothing for those who do.
    const result = this.#callers === undefined ? resume.call(this.#actor) : this.#next();
    return isCall(result) || (result.done === true && this.#hasCaller) ? this.#callOrReturn(result) : result;
  }

  get #hasCaller(): boolean {
    return this.#callers !== undefined && this.#callers.length > 0;
  }

  #callOrReturn(last: IteratorResult<Pause, unknown>): IteratorResult<Pause, unknown> {
    let result = last;
    for (;;) {
      if (isCall(result)) {
        this.#callers ??= [];
        this.#callers.push(this.#actor);
        this.#actor = result.value.on as Actor;
      } else if (result.done !== true || !this.#return()) return result;
      result = this.#next();
    }
  }

  /** What an actor throws is thrown where it was called. */
  #next(thrown?: { readonly error: unknown }): IteratorResult<Pause, unknown> {
    try {
      return thrown ? this.#actor.throw(thrown.error) : resume.call(this.#actor);
    } catch (error) {
      if (!this.#return()) throw error;
      return this.#next({ error });
    }
  }

  /** The caller goes on, if there is one. */
  #return(): boolean {
    const caller = this.#callers?.pop();
    if (caller) this.#actor = caller;
    return caller !== undefined;
  }
}

function isCall(result: IteratorResult<Pause, unknown>): result is IteratorYieldResult<Pause> {
  return result.done !== true && result.value.kind === PauseKind.Call;
}
