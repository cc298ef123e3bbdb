import type { Row } from "../../sim/index.ts";
import { changeText } from "./interleaving.ts";

/**
 * Check, then act: whoever did the harm had gone by something that somebody else changed in between. Row numbers from 1;
 * undefined if the harm was done by the first to move.
 */
export function staleFact(rows: readonly Row[]): string | undefined {
  const used = rows.length - 1;
  const actor = rows[used]?.actor;
  const changed = rows.findLastIndex((row, at) => at < used && row.actor !== actor && row.changes.length > 0);
  if (changed < 0 || actor === undefined) return undefined;
  const read = rows.findLastIndex((row, at) => at < changed && row.actor === actor);
  const since = read < 0 ? "before the first step" : `at step ${read + 1}`;
  const what = rows[changed]!.changes.map(changeText).join("; ");
  return `${actor} acts at step ${used + 1} on what it knew ${since}; step ${changed + 1} (${rows[changed]!.actor}) changed it: ${what}.`;
}
