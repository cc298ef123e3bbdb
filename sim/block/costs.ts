import { type Costs, type CostTable, MICROSECOND, timesOf } from "../engine/index.ts";

/** Steps of block drivers that cost CPU time. */
export type BlockCost = "cipherPage" | "loopCommand";

export type BlockCosts = Costs<BlockCost>;

/** CPU times of drivers, all of them estimates. */
export const BLOCK_COSTS: CostTable<BlockCost> = {
  cipherPage: {
    time: 3 * MICROSECOND,
    meaning: "AES-XTS of 4 KiB at 1.5 to 3 GB/s, with the hop to a workqueue: 2 to 5 us",
  },
  loopCommand: {
    time: 5 * MICROSECOND,
    meaning: "one request in the worker of a loop device: a context switch and the set-up of direct I/O",
  },
};

export const usualBlockCosts: BlockCosts = timesOf(BLOCK_COSTS);
