import type { CaseOutcome } from "./case.ts";
import type { LeftOut } from "./left-out.ts";

/** A finished suite. */
export interface Suite {
  /** In the order of the files. */
  readonly cases: readonly CaseOutcome[];
  readonly leftOut: readonly LeftOut[];
}

/** One line of the table. */
export interface ClassCount {
  readonly class: string;
  readonly pass: number;
  readonly fail: number;
  readonly notModelled: number;
}

/** Classes in the order in which they are shown; others follow as they come. */
const ORDER: readonly string[] = ["activation", "operations", "contents", "faults", "pressure", "measured"];

/** Counts per class, with files that could not be read as `unreadable`. */
export function countByClass({ cases, leftOut }: Suite): readonly ClassCount[] {
  const names = [
    ...ORDER,
    ...leftOut.map((row) => row.class),
    ...cases.map(({ spec }) => spec?.class ?? "unreadable"),
  ];
  return [...new Set(names)].flatMap((name) => {
    const mine = cases.filter(({ spec }) => (spec?.class ?? "unreadable") === name);
    const pass = mine.filter(({ failures }) => failures.length === 0).length;
    const notModelled = leftOut.filter((row) => row.class === name).length;
    if (mine.length + notModelled === 0) return [];
    return [{ class: name, pass, fail: mine.length - pass, notModelled }];
  });
}

/** Files that have the row of another one, which only cases of their own may not. */
export function repeatedRows(cases: readonly CaseOutcome[]): readonly string[] {
  const seen = new Map<string, string>();
  return cases.flatMap(({ file, spec }) => {
    if (!spec || spec.class === "measured") return [];
    const first = seen.get(spec.row);
    if (first === undefined) seen.set(spec.row, file);
    return first === undefined ? [] : [`${file}: found row ${spec.row} a second time, after ${first}`];
  });
}
