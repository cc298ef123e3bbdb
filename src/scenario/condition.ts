import { type Condition, PAGE_SIZE, QUANTITIES, VMSTAT } from "../../sim/index.ts";
import type { Value } from "./document.ts";
import { nearest } from "./nearest.ts";
import { parseSize } from "./units.ts";

const COUNTERS: readonly string[] = VMSTAT.map(({ name }) => name);
const EXPECTED = "a condition, such as swapUsed > 50%, freeMemory < 8MiB or pswpin >= 1000";

/** The form of a condition, as a pattern for editors. */
export const CONDITION = "^\\s*\\w+\\s*(>=|<=|>|<)\\s*[0-9][0-9.]*\\s*(%|B|KiB|MiB|GiB|TiB)?\\s*$";

/** A gauge against a size or a share, or a counter of /proc/vmstat against a number. */
export function readCondition(value: Value): Condition | undefined {
  const match = /^\s*(\w+)\s*(>=|<=|>|<)\s*(\S.*?)\s*$/.exec(value.text);
  if (!match) {
    value.report(EXPECTED);
    return undefined;
  }
  const [, quantity = "", relation, limit = ""] = match;
  const isGauge = QUANTITIES.includes(quantity);
  if (!isGauge && !COUNTERS.includes(quantity)) {
    value.report(`one of ${QUANTITIES.join(", ")} or a counter of pagestorm list counters`, {
      found: JSON.stringify(quantity),
      suggestion: nearest(quantity, [...QUANTITIES, ...COUNTERS]),
    });
    return undefined;
  }
  const read = isGauge ? gaugeLimit(limit) : counterLimit(limit);
  if (!read) {
    value.report(isGauge ? "a percentage or a size, such as 50% or 64MiB" : "a whole number", {
      found: JSON.stringify(limit),
    });
    return undefined;
  }
  return { quantity, relation: relation as Condition["relation"], ...read };
}

function gaugeLimit(text: string): Pick<Condition, "limit" | "isShare"> | undefined {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  if (percent !== undefined) {
    const limit = Number(percent) / 100;
    return limit <= 1 ? { limit, isShare: true } : undefined;
  }
  const bytes = parseSize(text);
  return bytes === undefined ? undefined : { limit: bytes / PAGE_SIZE, isShare: false };
}

function counterLimit(text: string): Pick<Condition, "limit" | "isShare"> | undefined {
  return /^\d+$/.test(text) ? { limit: Number(text), isShare: false } : undefined;
}
