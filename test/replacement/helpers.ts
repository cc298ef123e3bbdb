import { openStreams } from "../../sim/engine/index.ts";
import { type Replacement, replacements } from "../../sim/replacement/index.ts";

/** A reference string as a text: "1 2 3 1". */
export function pagesOf(text: string): Uint32Array {
  return Uint32Array.from(text.trim().split(/\s+/), Number);
}

/** A policy by name over the pages of a string. */
export function policyFor(name: string, capacity: number, string: Uint32Array, seed = "test"): Replacement {
  return replacements.require(name).create({
    pages: string.reduce((most, page) => Math.max(most, page + 1), 1),
    capacity,
    random: openStreams(seed).named("replacement"),
    future: () => string,
  });
}

/** The accesses of a string one by one: `.` for a hit, `x` for a miss. */
export function picture(name: string, capacity: number, string: Uint32Array): string {
  const policy = policyFor(name, capacity, string);
  return Array.from(string, (page) => (policy.access(page) ? "." : "x")).join("");
}

export function missesOf(name: string, capacity: number, string: Uint32Array): number {
  return [...picture(name, capacity, string)].filter((mark) => mark === "x").length;
}

/** The pages in memory in ascending order. */
export function resident(policy: Replacement, pages: number): number[] {
  return Array.from({ length: pages }, (_, page) => page).filter((page) => policy.has(page));
}
