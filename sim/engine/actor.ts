import type { Duration } from "./units.ts";

/**
 * An actor is a generator that reads like the kernel function it models. Everything between two yields is one
 * atomic step; each yield says, with a label a kernel developer recognises, what the actor waits for.
 */
export type Actor<Result = void> = Generator<Pause, Result, void>;

/**
 * What a function returns that seldom waits: its result at once, or an actor that the caller runs to get it. It saves
 * the paths that are gone most often the price of a generator; a result is never an object, so that the two are told
 * apart by `typeof`.
 */
export type MaybeActor<Result extends number | undefined> = Result | Actor<Result>;

/** An actor that has nothing left to do: what a function returns that would have run one, and was done at once. */
export const DONE: Actor = (function* (): Actor {})();
DONE.next();

/** What an actor waits for when it yields. */
export const PauseKind = {
  /** Simulated time passes. */
  Delay: 0,
  /** Somebody must wake the actor. */
  Park: 1,
  /** Somebody wakes the actor, or time runs out, whichever comes first. */
  ParkFor: 2,
  /** A visible step that costs nothing: other actors may run here when an explorer chooses the order. */
  Step: 3,
  /** Nothing is done until a time comes; no I/O and no work that another order of steps could make longer or shorter. */
  Sleep: 4,
  /** Another actor goes on in the place of this one until it has ended. */
  Call: 5,
} as const;

/** The request an actor hands to the engine. One shared instance: the engine reads it before anything else can run. */
export class Pause {
  kind: number = PauseKind.Step;
  label = "";
  duration: Duration = 0;
  /** The object waited for (a lock, a queue, a bio); it feeds the wait-for graph, never the order of events. */
  on: object | undefined = undefined;
}

const pause = new Pause();

/** Works, or lets a device work, for `duration` nanoseconds. `on` is what does it, if somebody asks where time goes. */
export function delay(label: string, duration: Duration, on?: object): Pause {
  pause.kind = PauseKind.Delay;
  pause.label = label;
  pause.duration = duration;
  pause.on = on;
  return pause;
}

/** Sleeps for `duration` nanoseconds: a timer, where `delay` is work or I/O. They differ only for an explorer. */
export function sleep(label: string, duration: Duration): Pause {
  delay(label, duration);
  pause.kind = PauseKind.Sleep;
  return pause;
}

/** Stops until `Engine.wake`. The waker must already know this process, so register with it before yielding. */
export function park(label: string, on?: object): Pause {
  pause.kind = PauseKind.Park;
  pause.label = label;
  pause.on = on;
  return pause;
}

/** Stops until `Engine.wake` or until `duration` has passed; `Process.timedOut` tells which it was. */
export function parkFor(label: string, duration: Duration, on?: object): Pause {
  pause.kind = PauseKind.ParkFor;
  pause.label = label;
  pause.duration = duration;
  pause.on = on;
  return pause;
}

/**
 * `yield call(actor)` does what `yield* actor` does, for whoever stands deep: a `yield*` costs time at every resumption for
 * each of the actors around it, a call only once. The engine keeps those who called as a stack.
 */
export function call(actor: Actor): Pause {
  pause.kind = PauseKind.Call;
  pause.on = actor;
  return pause;
}

/**
 * A point where other actors may step in. In a timed run it costs no time and no event; in a chosen order the
 * engine asks the chooser. `on` is the object the next step touches.
 */
export function step(label: string, on?: object): Pause {
  pause.kind = PauseKind.Step;
  pause.label = label;
  pause.on = on;
  return pause;
}
