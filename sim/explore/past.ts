import {
  type Accesses,
  type Domain,
  domainOf,
  hashText,
  indexOf,
  type Key,
  MEMORY_LISTS,
  mix,
  type Process,
} from "../engine/index.ts";

/** A step, for what can follow from it. */
export interface PastStep {
  readonly process: Process;
  readonly role: number;
  readonly accesses: Accesses;
  /** What came out otherwise than usual in it. */
  readonly chose: readonly string[];
}

/** What was done to a thing, as far as later steps can tell. */
interface Thing {
  /** The step that changed it last, as a hash. */
  changed: number;
  /** Those that have looked at it since, in no order. */
  looked: number;
}

/** Processes and locks have no state of their own: it follows from where everybody stands. */
const STATELESS: ReadonlySet<Domain> = new Set(["process", "lock"]);

/**
 * A number for the state that a run has reached. It is made of where every process stands and what it has done, of what
 * has happened to every page, slot, request and block, and of what the filesystem looks like. Two runs with the same
 * number differ only in the order of steps that share nothing, or in a history of the filesystem that left no trace
 * (happens-before caching as in CHESS, with the filesystem's state in place of its history).
 *
 * A process is known by its role, not by its name or number: what two equal tasks do in either order is one state. What
 * a process remembers from one step to the next is taken to follow from where it stood and from the pages, slots and
 * blocks that it touched.
 */
export class Past {
  readonly #things = new Map<Key, Thing>();
  /** What the present of each process is made of, by number; ended ones are forgotten. */
  readonly #present = new Map<number, number>();
  /** Who was last seen waiting for what, by number. */
  readonly #queued = new Map<number, { readonly process: Process; readonly role: number }>();
  #digest: number | undefined;
  readonly #digestOf: (() => number) | undefined;
  /** Of memory after the last step that shared it; 0 as long as there is plenty. */
  #memory = 0;
  readonly #memoryOf: () => number;
  /** Sum over all processes and things. */
  #sum = 0;

  /** Digests of the filesystem, which without one is known by its history, and of memory. */
  constructor(filesystem: (() => number) | undefined, memory: () => number) {
    this.#digestOf = filesystem;
    this.#memoryOf = memory;
  }

  state(ready: readonly Process[]): number {
    let hash = add(this.#sum, this.#memory);
    for (const { id } of ready) hash = add(hash, mix(this.#present.get(id) ?? 0, 3));
    if (!this.#digestOf) return hash;
    this.#digest ??= this.#digestOf();
    return mix(hash, this.#digest);
  }

  add({ process, role, accesses, chose }: PastStep): void {
    const ended = process.state === "done";
    const stands = mix(role, hashText(ended ? "done" : process.label));
    let hash = chose.reduce((before, text) => mix(before, hashText(text)), stands);
    if (!process.forgetful) hash = mix(hash, this.#present.get(process.id) ?? 0);
    hash = mix(mix(hash, this.#touched(process, accesses)), this.#queuedBehind(process, role));
    for (const [key, changes] of accesses) {
      if (this.#hasHistory(domainOf(key))) this.#note(key, changes, hash);
      else if (domainOf(key) === "filesystem") this.#digest = undefined;
      else if (domainOf(key) === "memory") this.#memory = this.#memoryOf();
    }
    const isIdle = process.forgetful && process.state === "parked";
    if (isIdle) this.#forgetRequests(accesses);
    this.#setPresent(process.id, ended ? undefined : isIdle ? stands : hash);
  }

  /** Who waits already for what the process waits for now, and is served before it. */
  #queuedBehind(process: Process, role: number): number {
    let before = 0;
    if (process.state !== "parked" || process.waitsFor === undefined) {
      this.#queued.delete(process.id);
      return before;
    }
    this.#queued.set(process.id, { process, role });
    for (const other of this.#queued.values()) {
      const waits = other.process !== process && other.process.state === "parked";
      if (waits && other.process.waitsFor === process.waitsFor) before = add(before, mix(other.role, 5));
    }
    return before;
  }

  /** What was so before of all that a step touches. Whoever asks a device does not see what that has to do already. */
  #touched({ forgetful }: Process, accesses: Accesses): number {
    let touched = 0;
    for (const [key, changes] of accesses) {
      // Whoever takes pages from lists keeps them in their order.
      if (domainOf(key) === "memory" && indexOf(key) === MEMORY_LISTS) touched = add(touched, this.#memory);
      const isSeen = this.#hasHistory(domainOf(key)) && (forgetful || domainOf(key) !== "request");
      if (isSeen) touched = add(touched, this.#before(key, changes));
    }
    return touched;
  }

  /** A channel that finds nothing to do is as it was at the beginning, and so is an empty queue. */
  #forgetRequests(accesses: Accesses): void {
    for (const key of accesses.keys()) {
      const thing = domainOf(key) === "request" && this.#things.get(key);
      if (!thing) continue;
      this.#sum = add(this.#sum, -mix(thing.changed, thing.looked));
      this.#things.delete(key);
    }
  }

  #hasHistory(domain: Domain): boolean {
    return !STATELESS.has(domain) && domain !== "memory" && (domain !== "filesystem" || !this.#digestOf);
  }

  #setPresent(process: number, hash: number | undefined): void {
    const before = this.#present.get(process);
    if (before !== undefined) this.#sum = add(this.#sum, -mix(before, 1));
    if (hash === undefined) {
      this.#present.delete(process);
      return;
    }
    this.#present.set(process, hash);
    this.#sum = add(this.#sum, mix(hash, 1));
  }

  #before(key: Key, changes: boolean): number {
    const thing = this.#things.get(key);
    if (!thing) return 0;
    return changes ? mix(thing.changed, thing.looked) : thing.changed;
  }

  #note(key: Key, changes: boolean, hash: number): void {
    const before = this.#before(key, true);
    let thing = this.#things.get(key);
    if (thing) {
      this.#sum = add(this.#sum, -mix(thing.changed, thing.looked));
    } else {
      thing = { changed: 0, looked: 0 };
      this.#things.set(key, thing);
    }
    if (changes) {
      thing.changed = domainOf(key) === "request" ? mix(hash, before) : hash;
      thing.looked = 0;
    } else {
      thing.looked = add(thing.looked, hash);
    }
    this.#sum = add(this.#sum, mix(thing.changed, thing.looked));
  }
}

const MODULUS = 2 ** 52;

/** A sum in which the order does not matter. */
function add(a: number, b: number): number {
  const sum = (a + b) % MODULUS;
  return sum < 0 ? sum + MODULUS : sum;
}
