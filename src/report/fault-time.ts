import type { TimeKind } from "../../sim/index.ts";
import type { StrategyDocument } from "../experiments/index.ts";

/** Kinds of time in the order in which they are told, and how. */
export const TIME_KINDS: Readonly<Record<TimeKind, string>> = {
  device: "device",
  cpu: "CPU",
  lock: "locks",
  memory: "memory",
  other: "other",
};

type Slice = StrategyDocument["faultTime"]["slices"][number];

/** Share of the time in faults by kind, 0 to 1; empty if no fault had to wait. */
export function sharesOf({
  faultTime,
}: StrategyDocument): readonly (readonly [kind: TimeKind, share: number])[] {
  const all = total(faultTime.slices);
  if (all === 0) return [];
  const kinds = Object.keys(TIME_KINDS) as TimeKind[];
  return kinds
    .map((kind) => [kind, total(faultTime.slices.filter((slice) => slice.kind === kind)) / all] as const)
    .filter(([, share]) => share > 0);
}

/** One box of a flame graph: what it stands for, how deep, and from where to where, as shares of all time. */
export interface FlameBox {
  readonly name: string;
  readonly kind: TimeKind | undefined;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
}

/** The time in faults as a flame graph: frames below, what was done in them on top, the largest first. */
export function flameOf({ faultTime }: StrategyDocument): readonly FlameBox[] {
  const all = total(faultTime.slices);
  return all === 0 ? [] : boxes(faultTime.slices, 0, 0, all);
}

function boxes(slices: readonly Slice[], depth: number, from: number, all: number): FlameBox[] {
  const groups = new Map<string, Slice[]>();
  for (const slice of slices) {
    const name = slice.frames[depth] ?? slice.label;
    groups.set(name, [...(groups.get(name) ?? []), slice]);
  }
  let at = from;
  return [...groups]
    .toSorted(([, a], [, b]) => total(b) - total(a))
    .flatMap(([name, group]) => {
      const begins = at;
      at += total(group) / all;
      const isFrame = group[0]!.frames.length > depth;
      const box = { name, kind: isFrame ? undefined : group[0]!.kind, depth, from: begins, to: at };
      return isFrame ? [box, ...boxes(group, depth + 1, begins, all)] : [box];
    });
}

function total(slices: readonly Slice[]): number {
  return slices.reduce((sum, { time }) => sum + time, 0);
}
