import type { Machine } from "./machine.ts";
import type { Condition } from "./scenario.ts";

interface Gauge {
  readonly pages: number;
  /** What 100 % is. */
  readonly whole: number;
}

const GAUGES: Readonly<Record<string, (machine: Machine) => Gauge>> = {
  swapUsed: ({ swap }) => ({ pages: swap.used, whole: swap.total }),
  freeMemory: ({ mm }) => ({ pages: mm.zones.free, whole: mm.frames.frames }),
};

/** Gauges that a condition may name; they are compared with a size or a percentage. */
export const QUANTITIES: readonly string[] = Object.keys(GAUGES);

/** Whether the condition holds at this instant. */
export function holds(machine: Machine, { quantity, relation, limit, isShare }: Condition): boolean {
  const found = measured(machine, quantity, isShare);
  switch (relation) {
    case ">":
      return found > limit;
    case ">=":
      return found >= limit;
    case "<":
      return found < limit;
    case "<=":
      return found <= limit;
  }
}

function measured(machine: Machine, quantity: string, isShare: boolean): number {
  const gauge = GAUGES[quantity]?.(machine);
  if (!gauge) return (machine.mm.vm as Readonly<Record<string, number>>)[quantity] ?? 0;
  if (!isShare) return gauge.pages;
  return gauge.whole === 0 ? 0 : gauge.pages / gauge.whole;
}
