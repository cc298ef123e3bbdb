import { Registry } from "../../engine/index.ts";
import { replacements } from "../../replacement/index.ts";
import type { ReclaimPolicyEntry } from "./reclaim-policy.ts";
import { replacementPolicy } from "./replacement-policy.ts";
import { twoListPolicy } from "./two-list.ts";

/** Every way to choose the page that goes. */
export const reclaimPolicies: Registry<ReclaimPolicyEntry> = new Registry("reclaim policy", [
  twoListPolicy,
  ...replacements.entries().map(replacementPolicy),
]);
