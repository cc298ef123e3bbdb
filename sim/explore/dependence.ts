import type { Accesses } from "../engine/index.ts";

/** Two steps depend on each other if they share a thing that at least one of them changes. */
export function dependent(a: Accesses, b: Accesses): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const [key, changes] of small) {
    const other = large.get(key);
    if (other !== undefined && (changes || other)) return true;
  }
  return false;
}
