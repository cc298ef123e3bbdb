import { type Bytes, PAGE_SIZE } from "../../engine/index.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { CHARGE_BATCH } from "./charge.ts";

/**
 * obj_cgroup_charge: small objects are charged by the byte from a page's worth that is charged in advance. The task that
 * reclaims may not wait, so a page over the limit is charged by force; that counts in memory.events.
 */
export function chargeObject(mm: MemoryManager, owner: number, bytes: Bytes): void {
  const group = mm.groups[owner]!;
  if (group.isRoot || bytes === 0) return;
  if (group.objectBytes >= bytes) {
    group.objectBytes -= bytes;
    return;
  }
  if (group.stock > 0) group.stock--;
  else if (group.usage + CHARGE_BATCH <= group.limits.max) {
    group.usage += CHARGE_BATCH;
    group.stock += CHARGE_BATCH - 1;
  } else {
    if (group.usage >= group.limits.max) group.events.max++;
    group.usage++;
  }
  group.objectBytes += PAGE_SIZE - bytes;
}

/** obj_cgroup_uncharge: whole pages go to the stock, and a stock that is too large goes back. */
export function unchargeObject(mm: MemoryManager, owner: number, bytes: Bytes): void {
  const group = mm.groups[owner]!;
  if (group.isRoot) return;
  group.objectBytes += bytes;
  if (group.objectBytes <= PAGE_SIZE) return;
  group.stock += Math.floor(group.objectBytes / PAGE_SIZE);
  group.objectBytes %= PAGE_SIZE;
  if (group.stock <= CHARGE_BATCH) return;
  group.usage -= group.stock;
  group.stock = 0;
}
