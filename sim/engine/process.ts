import type { Actor } from "./actor.ts";
import type { TimeWatch } from "./time-account.ts";
import type { Instant } from "./units.ts";

export type ProcessState = "runnable" | "delayed" | "parked" | "running" | "done";

/** One running actor: its generator, where it stands, and what it waits for. */
export class Process {
  readonly id: number;
  readonly name: string;
  /** A daemon (kswapd, a device channel, the commit thread) does not keep the machine running. */
  readonly daemon: boolean;
  readonly actor: Actor<unknown>;
  state: ProcessState = "runnable";
  /** Label of the last yield. */
  label = "start";
  /** What the last park waits for, for the wait-for graph. */
  waitsFor: object | undefined = undefined;
  /** The last yield was for a timer: nothing is done until it rings. */
  pauses = false;
  /** True if the last `parkFor` ended because time ran out. */
  timedOut = false;
  /** Somebody wants to know where its time goes. */
  watch: TimeWatch | undefined = undefined;
  /** When it was suspended last; kept only while it is watched. */
  suspendedAt: Instant = 0;
  /** Grows whenever the process is resumed, so that a timer set before is recognised as stale. */
  ticket = 0;

  constructor(id: number, name: string, actor: Actor<unknown>, daemon: boolean) {
    this.id = id;
    this.name = name;
    this.actor = actor;
    this.daemon = daemon;
  }
}
