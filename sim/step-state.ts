import type { DiskLayout, Filesystem, Skipped } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import type { Observation } from "./result.ts";
import type { ByVariant, ExpectedState, TimelineStep } from "./scenario.ts";

type Expected = Pick<TimelineStep, "log" | "state">;

/** What the disk was like when the step began, as far as the step says something about it. */
export interface StateBefore {
  readonly layout: DiskLayout | undefined;
  /** Of each file whose contents must not change. */
  readonly digests: ReadonlyMap<string, string>;
}

/** What a step left behind. */
export interface StepTraces {
  readonly before: StateBefore;
  /** Lines of the kernel log since the step began. */
  readonly lines: readonly string[];
  readonly skipped: readonly Skipped[];
}

/** What is said about one variant goes before what is said about all. */
function forVariant<Value>(said: ByVariant<Value> | undefined, variant: string): Value | undefined {
  return said?.[variant] ?? said?.["*"];
}

/** Looks at what the step's `state` will be compared with. */
export function stateBefore({ filesystem, variant }: Machine, expected: Expected): StateBefore {
  const state = forVariant(expected.state, variant.name);
  const paths = state?.unchanged ?? [];
  return {
    layout: state && filesystem?.layout?.(),
    digests: new Map(paths.map((path) => [path, digestOf(filesystem, path)])),
  };
}

/** Holds what the file says about log and state against the machine, at the end of a step. */
export function observe(
  { filesystem, variant }: Machine,
  expected: Expected,
  traces: StepTraces,
): readonly Observation[] {
  const messages = forVariant(expected.log, variant.name) ?? [];
  const state = forVariant(expected.state, variant.name);
  return [
    ...messages.map((message) => observeLog(message, traces.lines)),
    ...(state ? observeState(filesystem, state, traces) : []),
  ];
}

function observeLog(message: string, lines: readonly string[]): Observation {
  const found = lines.some((line) => line.includes(message));
  const got = lines.length === 0 ? "no line" : `"${lines.at(-1)}" as the last line`;
  return { what: `logs "${message}"`, held: found, got: found ? message : got };
}

function observeState(
  fs: Filesystem | undefined,
  state: ExpectedState,
  { before, skipped }: StepTraces,
): readonly Observation[] {
  const layout = fs?.layout?.();
  const seen: Observation[] = [];
  for (const [path, extents] of Object.entries(state.extents ?? {})) {
    const file = fs?.lookup(path);
    seen.push(same(`extents of ${path}`, extents, file ? (fs?.extentsOf(file) ?? 0) : "no such file"));
  }
  for (const [path, where] of Object.entries(state.blockGroup ?? {})) {
    seen.push(observeGroup(path, where, groupsOf(before.layout, path), groupsOf(layout, path)));
  }
  if (state.moved)
    seen.push(same("moved block groups", listed(state.moved), listed(gone(before.layout, layout))));
  if (state.skipped) {
    const groups = skipped.flatMap(({ what }) => /^block group (\d+)$/.exec(what)?.[1] ?? []);
    seen.push(same("skipped block groups", listed(state.skipped), listed(groups.map(Number))));
  }
  for (const [path, digest] of before.digests) {
    const isSame = digestOf(fs, path) === digest;
    seen.push({ what: `contents of ${path} unchanged`, held: isSame, got: isSame ? "unchanged" : "changed" });
  }
  if (state.leftovers) seen.push(same("leftovers", "none", leftovers(fs, before.layout, layout)));
  return seen;
}

function same(what: string, expected: number | string, got: number | string): Observation {
  return { what: `${what} ${expected}`, held: expected === got, got: String(got) };
}

function listed(groups: readonly number[]): string {
  return groups.length === 0 ? "none" : [...groups].sort((a, b) => a - b).join(", ");
}

function observeGroup(
  path: string,
  where: "same" | "moved" | number,
  before: readonly number[],
  now: readonly number[],
): Observation {
  if (typeof where === "number") return same(`block group of ${path}`, String(where), listed(now));
  const isSame = listed(before) === listed(now);
  const held = isSame === (where === "same");
  return { what: `block groups of ${path} ${where}`, held, got: `${listed(before)}, then ${listed(now)}` };
}

function groupsOf(layout: DiskLayout | undefined, path: string): readonly number[] {
  return layout?.files.find((file) => file.path === path)?.groups ?? [];
}

/** Block groups that are there no more: relocation empties a group and removes it. */
function gone(before: DiskLayout | undefined, now: DiskLayout | undefined): readonly number[] {
  const left = new Set(now?.groups.map(({ start }) => start));
  return (before?.groups ?? []).map(({ start }) => start).filter((start) => !left.has(start));
}

/** Files that were not there before and what a recount finds. */
function leftovers(
  fs: Filesystem | undefined,
  before: DiskLayout | undefined,
  now: DiskLayout | undefined,
): string {
  const known = new Set(before?.files.map(({ path }) => path));
  const added = (now?.files ?? []).map(({ path }) => path).filter((path) => !known.has(path));
  const found = [...added, ...(fs?.check() ?? []), ...(fs?.strayPins?.() ?? [])];
  return found.length === 0 ? "none" : found.join("; ");
}

/** The contents of a file as a reader would find them on the devices; holes read as zeroes. */
function digestOf(fs: Filesystem | undefined, path: string): string {
  const file = fs?.lookup(path);
  if (!fs || !file) return "no such file";
  const words: number[] = [];
  for (let block = 0; block < file.size; block++) {
    const place = fs.bmap(file, block);
    const content = fs.contentOf?.(file, block) ?? place?.device.contents.at(place.block);
    words.push(content?.generation ?? 0);
  }
  return words.join(" ");
}
