import { type Actor, park } from "./actor.ts";

/** Something that will not happen any more: an edge to nowhere in the wait-for graph. */
export class NeverEnds {
  /** Why, in words. */
  readonly abandoned: string;

  constructor(abandoned: string) {
    this.abandoned = abandoned;
  }

  /** Waits for ever. */
  *wait(label: string): Actor<never> {
    for (;;) yield park(label, this);
  }
}
