import { BLOCK_COSTS, type BlockCost } from "./block/index.ts";
import { type Costs, type CostTable, timesOf } from "./engine/index.ts";
import { FS_COSTS, type FsCost } from "./fs/index.ts";
import { MM_COSTS, type MmCost } from "./mm/index.ts";

/** Every step that costs CPU time, by name. */
export type CostName = MmCost | FsCost | BlockCost;

export const COSTS: CostTable<CostName> = { ...MM_COSTS, ...FS_COSTS, ...BLOCK_COSTS };

const USUAL: Costs<CostName> = timesOf(COSTS);

/** All costs, with some of them changed. */
export function costsOf(changed: Partial<Costs<CostName>> = {}): Costs<CostName> {
  return { ...USUAL, ...changed };
}
