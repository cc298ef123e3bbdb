import { Registry } from "../../engine/index.ts";
import { replacements } from "../../replacement/index.ts";
import { classicPolicy } from "./classic/classic-lru.ts";
import { mglruPolicy } from "./mglru/mglru.ts";
import type { ReclaimPolicyEntry } from "./reclaim-policy.ts";
import { replacementPolicy } from "./replacement-policy.ts";

/** Every way to choose the page that goes. */
export const reclaimPolicies: Registry<ReclaimPolicyEntry> = new Registry("reclaim policy", [
  classicPolicy,
  mglruPolicy,
  ...replacements.entries().map(replacementPolicy),
]);
