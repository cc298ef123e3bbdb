import { PAGE_SIZE } from "../../engine/index.ts";
import type { BalanceFilters, ByteRange } from "../administration.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** Types that a balance looks at: `-m` implies `-s` (btrfs-progs). */
export function typesOf(filters: BalanceFilters): readonly GroupType[] {
  if (filters.type === "all") return ["data", "metadata", "system", "mixed"];
  return filters.type === "metadata" ? ["metadata", "system"] : [filters.type];
}

/** should_balance_chunk, 6.1, in its order; the limit comes last and is counted by the caller. */
export function shouldBalanceChunk(info: FsInfo, group: BlockGroup, filters: BalanceFilters): boolean {
  if (!typesOf(filters).includes(group.type)) return false;
  if (filters.profiles && !filters.profiles.includes(group.profile.name)) return false;
  if (!passesUsage(group, filters)) return false;
  if (filters.devid !== undefined && !onDevice(group, filters.devid)) return false;
  if (filters.drange && !meetsDeviceRange(group, filters.drange, filters.devid)) return false;
  if (filters.vrange && !meets(group.bytenr, group.length * PAGE_SIZE, filters.vrange)) return false;
  if (filters.vrangeOf && !holdsFile(info, group, filters)) return false;
  if (filters.stripes && !within(group.stripes.length, filters.stripes)) return false;
  const converted = filters.convert === group.profile.name;
  return !(filters.soft === true && converted);
}

/**
 * chunk_usage_filter and chunk_usage_range_filter: used bytes at least the lower threshold and below the upper one, which
 * is the whole chunk where nobody names one.
 */
function passesUsage(group: BlockGroup, { usage, usageMin }: BalanceFilters): boolean {
  if (usage === undefined && usageMin === undefined) return true;
  const length = group.length * PAGE_SIZE;
  const upper = usage === 0 ? 1 : Math.floor((length * (usage ?? 100)) / 100);
  const lower = Math.floor((length * (usageMin ?? 0)) / 100);
  const used = group.used * PAGE_SIZE;
  return used >= lower && used < upper;
}

function onDevice(group: BlockGroup, devid: number): boolean {
  return group.stripes.some(({ device }) => device.id === devid);
}

function meetsDeviceRange(group: BlockGroup, range: ByteRange, devid: number | undefined): boolean {
  return group.stripes.some(
    ({ device, physical }) =>
      device.id === devid && meets(physical * PAGE_SIZE, group.stripeLength * PAGE_SIZE, range),
  );
}

function meets(start: number, length: number, { from, to }: ByteRange): boolean {
  return start < to && from < start + length;
}

function within(value: number, { from, to }: ByteRange): boolean {
  return value >= from && value <= to;
}

function holdsFile(info: FsInfo, group: BlockGroup, { vrangeOf }: BalanceFilters): boolean {
  if (!vrangeOf) return true;
  for (const { extent } of info.inodeOf(vrangeOf).itemsFrom(0)) if (group.holds(extent.start)) return true;
  return false;
}
