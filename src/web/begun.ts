import { NOT_BEGUN } from "../../sim/index.ts";
import type { StrategyDocument } from "../experiments/index.ts";

/** The operations of a variant that had a beginning: what a picture over time can show. */
export function begun({ operations }: StrategyDocument): StrategyDocument["operations"] {
  return operations.filter(({ result }) => result !== NOT_BEGUN);
}
