import { Registry } from "../../engine/index.ts";
import type { ReclaimPolicyEntry } from "./reclaim-policy.ts";
import { twoListPolicy } from "./two-list.ts";

/** Every way to choose the page that goes. */
export const reclaimPolicies: Registry<ReclaimPolicyEntry> = new Registry("reclaim policy", [twoListPolicy]);
