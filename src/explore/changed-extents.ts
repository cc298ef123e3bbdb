const EXTENTS = "extents of ";

/** A row of the extent map that is not what it was. */
interface ChangedExtents {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What has changed in the extent map between two sets of facts. */
export function changedExtents(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly ChangedExtents[] {
  return Object.keys({ ...before, ...after })
    .filter((about) => about.startsWith(EXTENTS) && before[about] !== after[about])
    .map((about) => ({
      file: about.slice(EXTENTS.length),
      before: before[about] ?? "none",
      after: after[about] ?? "none",
    }));
}
