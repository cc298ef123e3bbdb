import { type Actor, PauseKind, park, parkFor } from "../../sim/engine/actor.ts";
import { Engine, type EngineOutcome, type Process, SECOND } from "../../sim/engine/index.ts";

/** Simulated time stays what it is, but actors stop at every step, so that others can be let in there. */
export class SteppingEngine extends Engine {
  override get exploring(): boolean {
    return true;
  }

  /** Work is a yield as well, and takes its time in the order of simulated time. */
  override tryAdvance(): boolean {
    return false;
  }
}

/** One of those who take turns. */
interface Role {
  readonly name: string;
  readonly passed: string[];
  process: Process | undefined;
  moves: boolean;
  atGate: boolean;
  /** Where it stops next. */
  until: string | undefined;
  /** How many more yields it takes. */
  steps: number;
  result: unknown;
  ended: boolean;
}

/** Longest that a turn takes before whoever has it counts as waiting for somebody who does not move. */
const TURN = SECOND;

/**
 * Lets actors take turns as a script says, one turn a line:
 *
 *     swapon    until btrfs_get_extent
 *     snapshot  goes on
 *     swapon    goes on
 *
 * `until` stops when the yield with that label (or one that begins so) is reached; `takes 3` stops after so many yields;
 * `goes on` lets it run to its end, or as far as it gets without the others. After the last line everybody goes on.
 * Needs a `SteppingEngine` if somebody is to stop at steps.
 */
export class Interleaving {
  /** How many yields each turn came by: less than it was given if its actor ended or had to wait. */
  readonly taken: number[] = [];
  readonly #engine: Engine;
  readonly #roles = new Map<string, Role>();
  readonly #actors: Readonly<Record<string, Actor<unknown>>>;
  #director: Process | undefined;

  constructor(engine: Engine, actors: Readonly<Record<string, Actor<unknown>>>) {
    this.#engine = engine;
    this.#actors = actors;
  }

  /** Plays the script; nobody takes a step before it is told to. */
  play(script: string): EngineOutcome {
    for (const [name, actor] of Object.entries(this.#actors)) {
      const role: Role = {
        name,
        passed: [],
        process: undefined,
        moves: false,
        atGate: false,
        until: undefined,
        steps: Number.POSITIVE_INFINITY,
        result: undefined,
        ended: false,
      };
      this.#roles.set(name, role);
      role.process = this.#engine.spawn(name, this.#held(role, actor));
    }
    const turns = script
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    this.#director = this.#engine.spawn("director", this.#direct(turns));
    return this.#engine.run();
  }

  /** What an actor returned. */
  result(name: string): unknown {
    const { ended, result, passed } = this.#role(name);
    if (!ended) throw new Error(`${name} has not ended; it came by ${passed.join(", ")}`);
    return result;
  }

  /** How many yields an actor came by. */
  stepsOf(name: string): number {
    return this.#role(name).passed.length;
  }

  *#direct(turns: readonly string[]): Actor {
    for (const turn of turns) {
      const [, name = "", label, steps] = /^(\S+) +(?:until +(.+)|takes +(\d+)|goes on)$/.exec(turn) ?? [];
      const role = this.#role(name);
      role.until = label;
      role.steps = steps === undefined ? Number.POSITIVE_INFINITY : Number(steps);
      if (role.steps === 0) {
        this.taken.push(0);
        continue;
      }
      const before = role.passed.length;
      this.#release(role);
      while (role.moves) {
        yield parkFor("turn", TURN);
        if (this.#engine.current.timedOut) break;
      }
      if (label !== undefined && role.until !== undefined) {
        throw new Error(`${name} does not come to ${label}; it came by ${role.passed.join(", ")}`);
      }
      role.moves = false;
      this.taken.push(role.passed.length - before);
    }
    for (const role of this.#roles.values()) {
      role.steps = Number.POSITIVE_INFINITY;
      this.#release(role);
    }
  }

  #release(role: Role): void {
    role.moves = !role.ended;
    if (role.atGate && role.process) this.#engine.wake(role.process);
    role.atGate = false;
  }

  /** The actor stops, or has ended: the next turn. */
  #stop(role: Role): void {
    role.until = undefined;
    role.moves = false;
    if (this.#director?.state === "parked") this.#engine.wake(this.#director);
  }

  *#held(role: Role, held: Actor<unknown>): Actor {
    const actor = unfolded(held);
    for (;;) {
      while (!role.moves) {
        role.atGate = true;
        yield park("it is somebody else's turn");
      }
      const next = actor.next();
      if (next.done === true) {
        role.result = next.value;
        role.ended = true;
        const missed = role.until;
        this.#stop(role);
        role.until = missed;
        return;
      }
      const pause = next.value;
      role.passed.push(pause.label);
      const isThere = role.until !== undefined && pause.label.startsWith(role.until);
      if (isThere || --role.steps === 0) this.#stop(role);
      if (pause.kind !== PauseKind.Step) yield pause;
    }
  }

  #role(name: string): Role {
    const role = this.#roles.get(name);
    if (!role) throw new Error(`nobody is called "${name}" here`);
    return role;
  }
}

/** An actor that delegates where it called, so that every pause comes by. */
function* unfolded(actor: Actor<unknown>): Actor<unknown> {
  let thrown: { readonly error: unknown } | undefined;
  for (;;) {
    const next = thrown ? actor.throw(thrown.error) : actor.next();
    thrown = undefined;
    if (next.done === true) return next.value;
    const { kind, on } = next.value;
    if (kind !== PauseKind.Call) {
      yield next.value;
      continue;
    }
    try {
      yield* unfolded(on as Actor);
    } catch (error) {
      thrown = { error };
    }
  }
}
