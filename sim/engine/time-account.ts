import type { Duration, Instant } from "./units.ts";

/** What somebody did with a piece of time. */
export type TimeKind = "cpu" | "device" | "lock" | "memory" | "other";

/** Time by what was being done: the frames around it, outermost first, its kind, and the label of the wait. */
export interface TimeSlice {
  readonly frames: readonly string[];
  readonly kind: TimeKind;
  readonly label: string;
  readonly time: Duration;
}

/** Tells the kind of a wait by its label and by what is waited for. */
export type KindOf = (label: string, on: object | undefined) => TimeKind;

/** One frame with the time that was spent directly in it, and the frames inside it. */
class Frame {
  readonly name: string;
  readonly outer: Frame | undefined;
  readonly times: Map<string, { readonly kind: TimeKind; time: Duration }> = new Map();
  readonly inner: Map<string, Frame> = new Map();

  constructor(name: string, outer: Frame | undefined) {
    this.name = name;
    this.outer = outer;
  }

  enter(name: string): Frame {
    let frame = this.inner.get(name);
    if (!frame) {
      frame = new Frame(name, this);
      this.inner.set(name, frame);
    }
    return frame;
  }

  slices(outer: readonly string[]): TimeSlice[] {
    const frames = this.outer ? [...outer, this.name] : outer;
    const own = [...this.times].map(([label, { kind, time }]) => ({ frames, kind, label, time }));
    return [...own, ...[...this.inner.values()].flatMap((frame) => frame.slices(frames))];
  }
}

/**
 * Where the time of processes went while they were in something that is looked at (a page fault). The engine tells it of
 * every wait of such a process; what is no wait is computing. It takes no simulated time and changes nothing.
 */
export class TimeAccount {
  readonly root: Frame = new Frame("", undefined);
  readonly kindOf: KindOf;
  /** How often somebody was looked at. */
  times = 0;

  constructor(kindOf: KindOf) {
    this.kindOf = kindOf;
  }

  /** Largest first; equal ones by name. */
  slices(): readonly TimeSlice[] {
    const name = ({ frames, label }: TimeSlice): string => [...frames, label].join(";");
    return this.root.slices([]).toSorted((a, b) => b.time - a.time || (name(a) < name(b) ? -1 : 1));
  }
}

/** A process that is looked at now and then. */
export class TimeWatch {
  readonly #account: TimeAccount;
  #frame: Frame;
  #since: Instant = 0;
  /** Time since then that the account knows of. */
  #known: Duration = 0;

  constructor(account: TimeAccount) {
    this.#account = account;
    this.#frame = account.root;
  }

  begin(now: Instant, frame: string): void {
    this.#account.times++;
    this.#since = now;
    this.#known = 0;
    this.#frame = this.#account.root.enter(frame);
  }

  /** The outermost frame turns out to be another one. */
  rename(frame: string): void {
    this.#frame = this.#account.root.enter(frame);
  }

  /** What was no wait was computing, and so is `more`, which is paid later. */
  end(now: Instant, label: string, more: Duration): void {
    this.add("cpu", label, now - this.#since - this.#known + more);
  }

  enter(frame: string): void {
    this.#frame = this.#frame.enter(frame);
  }

  leave(): void {
    this.#frame = this.#frame.outer ?? this.#account.root;
  }

  waited(label: string, on: object | undefined, time: Duration): void {
    if (time > 0) this.add(undefined, label, time, on);
  }

  /** Time of a kind, or of the kind of the wait. */
  add(kind: TimeKind | undefined, label: string, time: Duration, on?: object): void {
    this.#known += time;
    const known = this.#frame.times.get(label);
    if (known) known.time += time;
    else if (time > 0) this.#frame.times.set(label, { kind: kind ?? this.#account.kindOf(label, on), time });
  }
}
