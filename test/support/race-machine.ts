import { type Actor, SECOND } from "../../sim/engine/index.ts";
import {
  type AddressSpace,
  entryOf,
  isSwapped,
  MemoryTask,
  type TaskMemoryOptions,
  tryToFreePages,
} from "../../sim/mm/index.ts";
import { pageoutPage } from "../../sim/mm/reclaim/pageout-page.ts";
import { Interleaving, SteppingEngine } from "./interleaving.ts";
import { accesses, MemoryMachine, type MemoryMachineOptions } from "./memory-machine.ts";

/** Passes of reclaim after which a page that is to go counts as one that never will. */
const TRIES = 100;
/** Simulated time after which who has not come to an end will not. */
const LONGEST = 10 * SECOND;

/** A machine with memory and swap whose actors stop at every step, so that a script can say who goes on. */
export class RaceMachine extends MemoryMachine {
  constructor(options: Partial<MemoryMachineOptions> = {}) {
    super({ frames: 64, slots: 2, pageCluster: 0, ...options, engine: new SteppingEngine({ seed: "race" }) });
    this.engine.run();
  }

  /** The memory of a program; its threads share it. */
  program(pages: number, memory: TaskMemoryOptions = {}): AddressSpace {
    return this.mm.createTask(`program ${this.mm.tasks.length}`, pages, memory);
  }

  /** A thread that does accesses such as "r0 w1" and then sleeps. */
  *thread(space: AddressSpace, text: string): Actor {
    const open = accesses(space.pages, text);
    yield* new MemoryTask(this.mm, space, { cpu: 100, init: false, repeat: 1, open }).runPart(open());
  }

  /** Reclaims one page until it lies in its slot and its frame is gone. */
  *evict(space: AddressSpace, page: number): Actor {
    for (let tries = 0; !this.isOut(space, page); tries++) {
      if (tries === TRIES) throw new Error(`page ${page} of ${space.name} does not leave memory`);
      yield* pageoutPage(this.mm, space, page);
      // A page that has been written is freed at the next visit of reclaim.
      if (isSwapped(space.pte(page)) && !this.isOut(space, page)) yield* tryToFreePages(this.mm, undefined);
    }
  }

  /** Lets an actor run alone, to its end unless it does not come to one. */
  alone(actor: Actor<unknown>, name = "alone"): this {
    this.engine.spawn(name, actor);
    this.engine.run(this.engine.now + LONGEST);
    return this;
  }

  /** Plays a script (see Interleaving) and tells what the page oracle and the recount found. */
  race(actors: Readonly<Record<string, Actor<unknown>>>, script: string): RaceResult {
    const race = new Interleaving(this.engine, actors);
    const outcome = race.play(script).kind;
    return { outcome, race, wrong: this.ledger.listed.map(({ class: kind }) => kind), broken: this.broken() };
  }

  /** The only copy of the page is in its slot. */
  isOut(space: AddressSpace, page: number): boolean {
    const pte = space.pte(page);
    return isSwapped(pte) && this.swap.lookup(entryOf(pte)) < 0;
  }
}

export interface RaceResult {
  readonly outcome: string;
  readonly race: Interleaving;
  /** Classes of violations, in order. */
  readonly wrong: readonly string[];
  readonly broken: readonly string[];
}
