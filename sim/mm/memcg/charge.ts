import type { Plug } from "../../block/index.ts";
import {
  type Actor,
  type Duration,
  delay,
  JIFFY,
  type MaybeActor,
  MILLISECOND,
  type Pages,
  SECOND,
} from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { MAX_RECLAIM_RETRIES } from "../reclaim/kswapd.ts";
import { tryToFreeMemCgroupPages } from "../reclaim/memcg-reclaim.ts";
import { outOfMemory } from "../reclaim/oom.ts";
import type { MemCgroup } from "./mem-cgroup.ts";

/** Pages charged at a time; what is left over goes to the stock (MEMCG_CHARGE_BATCH, 6.1). */
export const CHARGE_BATCH: Pages = 64;
/** A fruitless round waits at most so long for pages under write-back. An estimate: the kernel blocks in the block layer. */
const WRITEBACK_WAIT = 100 * MILLISECOND;

/** The answers of a charge. */
export const CHARGED = 1;
export const NOT_CHARGED = 0;

/** Charges one page if that needs no reclaim: from the stock, or `batch` pages of which the rest becomes stock. */
function chargeFast(mm: MemoryManager, group: MemCgroup, batch: Pages): boolean {
  if (group.stock > 0) {
    group.stock--;
    return true;
  }
  if (fits(group, batch)) charged(mm, group, batch);
  else if (fits(group, 1)) charged(mm, group, 1);
  else return false;
  return true;
}

function fits({ usage, limits }: MemCgroup, pages: Pages): boolean {
  return usage + pages <= limits.max;
}

/** One page is used, the rest of the batch is kept; above memory.high the batch is owed. */
function charged(mm: MemoryManager, group: MemCgroup, batch: Pages): void {
  group.usage += batch;
  group.stock += batch - 1;
  if (group.usage > group.limits.high) group.overHigh += batch;
  mm.rstat.updated(1);
}

/**
 * try_charge_memcg for one page of `group`: may reclaim from it on the spot. NOT_CHARGED only if the task was killed.
 * `plug` is that of a caller who holds requests back; reclaim below it uses the same one.
 */
export function tryCharge(
  mm: MemoryManager,
  task: AddressSpace,
  group: MemCgroup,
  plug?: Plug,
): MaybeActor<number> {
  if (group.isRoot) return CHARGED;
  const batch = mm.faults.has("noChargeStock") ? 1 : CHARGE_BATCH;
  if (!chargeFast(mm, group, batch)) return chargeByReclaim(mm, task, group, plug);
  return group.overHigh > CHARGE_BATCH ? chargedFarOverHigh(mm, group) : CHARGED;
}

/** A group that owes more than a batch has somebody pay at once. */
function* chargedFarOverHigh(mm: MemoryManager, group: MemCgroup): Actor<number> {
  yield* handleOverHigh(mm, group);
  return CHARGED;
}

function* chargeByReclaim(
  mm: MemoryManager,
  task: AddressSpace,
  group: MemCgroup,
  plug: Plug | undefined,
): Actor<number> {
  let drained = false;
  for (let retries = MAX_RECLAIM_RETRIES; !task.death; ) {
    group.events.max++;
    const reclaimed = yield* tryToFreeMemCgroupPages(mm, group, 1, plug);
    // After reclaim only what is needed is charged, not a batch.
    if (chargeFast(mm, group, 1)) return CHARGED;
    if (!drained) {
      drainStock(group);
      drained = true;
    } else if (reclaimed === 0) {
      plug?.flush();
      if (mm.writeback > 0) yield* mm.writebackEnded.waitFor("reclaim_throttle", WRITEBACK_WAIT);
      if (retries-- > 0) continue;
      group.events.oom++;
      if (!outOfMemory(mm, group)) task.death = "oom";
      retries = MAX_RECLAIM_RETRIES;
    }
    if (chargeFast(mm, group, 1)) return CHARGED;
  }
  return NOT_CHARGED;
}

/** drain_all_stock: what was charged in advance is given back. */
function drainStock(group: MemCgroup): void {
  group.usage -= group.stock;
  group.stock = 0;
}

/** Pages asked for again and again above memory.high (SWAP_CLUSTER_MAX, 6.1). */
const RETRY_PAGES: Pages = 32;
/** Longest sleep of a task that allocates above memory.high (MEMCG_MAX_HIGH_DELAY_JIFFIES, 6.1). */
const LONGEST_PENALTY: Duration = 2 * SECOND;
/** Shorter sleeps are left out (HZ/100, 6.1). */
const SHORTEST_PENALTY: Duration = 10 * MILLISECOND;
/** Jiffies in a second. */
const HZ = SECOND / JIFFY;
/** Fixed-point bits of the overage and of its square (MEMCG_DELAY_PRECISION_SHIFT, MEMCG_DELAY_SCALING_SHIFT, 6.1). */
const PRECISION_BITS = 20;
const SCALING_BITS = 14;

/**
 * mem_cgroup_handle_over_high: the task reclaims what its charges went over memory.high, and sleeps if that was not
 * enough, the longer the more is over.
 */
export function* handleOverHigh(mm: MemoryManager, group: MemCgroup): Actor {
  const owed = group.overHigh;
  group.overHigh = 0;
  for (
    let asked = owed, retries = MAX_RECLAIM_RETRIES;
    group.usage > group.limits.high;
    asked = RETRY_PAGES
  ) {
    group.events.high++;
    const reclaimed = yield* tryToFreeMemCgroupPages(mm, group, asked, undefined);
    const penalty = highPenalty(group.usage, group.limits.high, owed);
    if (penalty <= SHORTEST_PENALTY) return;
    if (reclaimed > 0 || retries-- > 0) continue;
    mm.psi.enterStall();
    yield delay("mem_cgroup_handle_over_high", penalty);
    mm.psi.leaveStall();
    return;
  }
}

/** calculate_high_delay: grows with the square of the overage. */
export function highPenalty(usage: Pages, high: Pages, owed: Pages): Duration {
  if (usage <= high) return 0;
  const overage = Math.floor(((usage - high) * 2 ** PRECISION_BITS) / Math.max(high, 1));
  const jiffies = Math.floor((overage * overage * HZ) / 2 ** (PRECISION_BITS + SCALING_BITS));
  return Math.min(Math.floor((jiffies * owed) / CHARGE_BATCH) * JIFFY, LONGEST_PENALTY);
}
