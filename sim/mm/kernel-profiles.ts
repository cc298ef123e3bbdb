import { Registry, type RegistryEntry } from "../engine/index.ts";
import type { SwapRules } from "../swap/index.ts";
import type { MarkRules } from "./zones/watermarks.ts";

/** The rules of one kernel version, as traits that shared code reads; those of swap areas and of marks are declared there. */
export interface KernelProfile extends RegistryEntry, SwapRules, MarkRules {
  /** Name of the reclaim policy it uses. */
  readonly policy: string;
  /** A read swap-in of a page with one user is mapped writable at once, so that a later write is no fault. */
  readonly readSwapInMapsWritable: boolean;
  /** A page touched for the first time begins on the active list (until 5.8). */
  readonly newPagesAreActive: boolean;
  /** The fault that reads a page from swap activates it (4.x to 5.8). */
  readonly swapInActivates: boolean;
  /** One touch activates an inactive page; otherwise the second one does (until 5.8). */
  readonly oneTouchActivates: boolean;
  /** A page that no other task maps or has in swap is written in place, whoever else holds it (reuse_swap_page, until 5.8). */
  readonly reusesByCount: boolean;
  /** Evicted anonymous pages leave shadows (since 5.9). */
  readonly anonRefaults: boolean;
  /** Anon and file are balanced by how many pages were found in use, not by what reclaim has cost (until 5.8). */
  readonly balancesByRotation: boolean;
  /** Few file pages mean anon only, enough inactive ones file only, whatever the priority (3.18). */
  readonly fileTestsIgnorePriority: boolean;
  /** A page of zeroes is not written to swap; a bit of its slot says so (since 6.12). */
  readonly zeromap: boolean;
  /** Readahead by virtual address exists (since 4.14). */
  readonly vmaReadahead: boolean;
  /** swapoff maps a frame whose read failed, with whatever is in it; later kernels leave a poison entry. */
  readonly unuseMapsUnread: boolean;
}

const SINCE_5_9 = {
  parameters: {},
  policy: "classic",
  readSwapInMapsWritable: false,
  newPagesAreActive: false,
  swapInActivates: false,
  oneTouchActivates: false,
  reusesByCount: false,
  anonRefaults: true,
  balancesByRotation: false,
  fileTestsIgnorePriority: false,
  marksByMinAlone: false,
  minFreeKbMost: 262_144,
  zeromap: false,
  vmaReadahead: true,
  slotCache: true,
  firstPriority: -2,
  asksRotationalEarly: true,
  turnsListUnchecked: false,
  unuseMapsUnread: false,
} as const;

const UNTIL_5_8 = {
  ...SINCE_5_9,
  newPagesAreActive: true,
  oneTouchActivates: true,
  reusesByCount: true,
  anonRefaults: false,
  balancesByRotation: true,
  minFreeKbMost: 65_536,
  unuseMapsUnread: true,
} as const;

export const kernelProfiles: Registry<KernelProfile> = new Registry("kernel profile", [
  {
    ...SINCE_5_9,
    name: "linux-6.1",
    summary: "Linux 6.1 with the classic LRU, the profile that is held against measurements.",
    source: "Linux 6.1.192",
  },
  {
    ...UNTIL_5_8,
    name: "linux-3.18",
    summary: "Linux 3.18, under the 2014 series. Not measured; one balance of all zones as in 6.1.",
    source: "Linux 3.18.140; profile P318",
    fileTestsIgnorePriority: true,
    marksByMinAlone: true,
    vmaReadahead: false,
    slotCache: false,
    firstPriority: -1,
    turnsListUnchecked: true,
  },
  {
    ...UNTIL_5_8,
    name: "linux-5.0",
    summary: "Linux 5.0, the first with btrfs swap files. Not measured; zones as in 6.1.",
    source: "Linux 5.0; profile P500",
    swapInActivates: true,
  },
  {
    ...SINCE_5_9,
    name: "linux-6.18",
    summary: "Linux 6.18: no slot cache, pages of zeroes are not written. Not measured.",
    source: "Linux 6.18.2; profile P618",
    zeromap: true,
    slotCache: false,
    asksRotationalEarly: false,
  },
]);
