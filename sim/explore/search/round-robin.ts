import type { Process } from "../../engine/index.ts";
import type { Guide } from "../guide.ts";
import type { Search } from "./search.ts";

/** Everybody in turn, one step each: who stepped longest ago steps next. */
function inTurn(): Guide {
  const steppedAt = new Map<Process, number>();
  let steps = 0;
  return {
    answer({ ready }) {
      if (!ready) return 0;
      let longest = 0;
      const ago = (at: number): number => steppedAt.get(ready[at]!) ?? -1;
      for (let at = 1; at < ready.length; at++) if (ago(at) < ago(longest)) longest = at;
      steppedAt.set(ready[longest]!, steps++);
      return longest;
    },
  };
}

/** One schedule, the fair one. A race that it shows needs no search. */
export const roundRobin: Search = {
  name: "round-robin",
  summary: "one schedule, everybody in turn; what it shows needs no search",
  source: "control of the other searches",
  parameters: {},
  exhaustive: false,
  independent: false,
  begin() {
    let done = false;
    return {
      bound: -1,
      next: () => (done ? undefined : inTurn()),
      learn: () => {
        done = true;
      },
    };
  },
};
