import type { Change, LockState, Wait } from "../../../sim/index.ts";
import type { ScheduleOnPage } from "../../explore/index.ts";

/** A stretch of a device at one moment. */
export interface StretchNow {
  readonly device: string;
  readonly block: number;
  readonly count: number;
  /** A letter of the disk map. */
  readonly cell: string;
  /** The file that it belongs to. */
  readonly path: string | undefined;
  /** The swap code would write here: the names of all who refer to these blocks. */
  readonly swap: string | null;
  /** It is not what it was a step before. */
  readonly isNew: boolean;
  /** At some moment a file lies here, or swap writes here. */
  readonly matters: boolean;
}

/** The machine at one moment. */
export interface Now {
  /** Steps that have been taken. */
  readonly position: number;
  readonly disk: readonly StretchNow[];
  readonly locks: readonly LockState[];
  readonly waits: readonly Wait[];
  /** By what it is about. */
  readonly facts: ReadonlyMap<string, string>;
  /** What the last step changed. */
  readonly changes: readonly Change[];
  /** The kernel functions before which processes stand that have stepped so far. */
  readonly stands: ReadonlyMap<string, string>;
}

/** The machine after `position` steps, put together from what changed up to there. */
export function momentOf(schedule: ScheduleOnPage, position: number): Now {
  const { moments } = schedule.film;
  const upTo = moments.slice(0, position + 1);
  const taken = schedule.steps.slice(0, position);
  return {
    position,
    disk: diskAt(schedule, position),
    locks: upTo.findLast(({ locks }) => locks !== undefined)?.locks ?? [],
    waits: upTo.findLast(({ waits }) => waits !== undefined)?.waits ?? [],
    facts: factsAfter(schedule, position),
    changes: taken.at(-1)?.changes ?? [],
    stands: new Map(taken.map(({ name, stops }) => [name, stops])),
  };
}

function diskAt({ film: { disk } }: ScheduleOnPage, position: number): readonly StretchNow[] {
  const held = new Map<number, number>();
  const swap = new Map<number, string | null>();
  for (const moment of disk.moments.slice(0, position + 1)) {
    for (const [stretch, holding] of moment.held ?? []) held.set(stretch, holding);
    for (const [stretch, writes] of moment.swap ?? []) swap.set(stretch, writes);
  }
  const last = position > 0 ? disk.moments[position] : undefined;
  const fresh = new Set([...(last?.held ?? []), ...(last?.swap ?? [])].map(([stretch]) => stretch));
  const matters = stretchesThatMatter(disk);
  return disk.stretches.map((stretch, at) => {
    const holding = disk.holdings[held.get(at) ?? -1];
    return {
      ...stretch,
      cell: holding?.cell ?? "u",
      path: holding?.path,
      swap: swap.get(at) ?? null,
      isNew: fresh.has(at),
      matters: matters.has(at),
    };
  });
}

function stretchesThatMatter({ moments, holdings }: ScheduleOnPage["film"]["disk"]): ReadonlySet<number> {
  const files = moments.flatMap(({ held }) => held ?? []).filter(([, holding]) => holdings[holding]?.path);
  const swap = moments.flatMap(({ swap: pairs }) => pairs ?? []);
  return new Set([...files, ...swap].map(([stretch]) => stretch));
}

function factsAfter({ before, steps }: ScheduleOnPage, position: number): ReadonlyMap<string, string> {
  const facts = new Map(Object.entries(before));
  for (const { changes } of steps.slice(0, position)) {
    for (const { about, after } of changes) {
      if (after === undefined) facts.delete(about);
      else facts.set(about, after);
    }
  }
  return facts;
}
