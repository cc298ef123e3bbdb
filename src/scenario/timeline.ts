import type { Errno, ParameterDeclarations, ParameterValues, TimelineStep } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { readDeclared, readValue } from "./declared.ts";
import { Fields, type Value } from "./document.ts";
import { type ReadFilesystem, readFilePath } from "./filesystem.ts";
import { STEP_FIELDS } from "./format.ts";
import { nearest } from "./nearest.ts";
import { writeDuration } from "./units.ts";

/** What reading a step needs to know about the rest of the file. */
export interface StepSurroundings {
  readonly catalogue: Catalogue;
  readonly filesystem: ReadFilesystem | undefined;
  readonly duration: number | undefined;
  readonly variants: VariantNames;
}

/** Names of the scenario's variants; undefined if one of them has a problem, so that nothing can be said about names. */
export type VariantNames = readonly string[] | undefined;

/** Every errno an operation may answer with; the type makes sure that none is left out. */
const ERRNOS: Readonly<Record<Errno, true>> = {
  EPERM: true,
  ENOENT: true,
  EIO: true,
  ENOMEM: true,
  EBUSY: true,
  EEXIST: true,
  EINVAL: true,
  EFBIG: true,
  ETXTBSY: true,
  ENOSPC: true,
  EROFS: true,
  EOPNOTSUPP: true,
  EINPROGRESS: true,
  ECANCELED: true,
  ENOTCONN: true,
  ENOTEMPTY: true,
  EXDEV: true,
  ENODEV: true,
  EISDIR: true,
  ENOTTY: true,
  EAGAIN: true,
  EINTR: true,
  SIGBUS: true,
};

/** What a step may be expected to answer. */
export const ANSWERS: readonly string[] = ["ok", ...Object.keys(ERRNOS)];

/** The steps in the order of the file; those with a problem are left out. */
export function readTimeline(top: Fields, around: StepSurroundings): readonly TimelineStep[] {
  const expected = "a list of steps, such as - { at: 5s, do: balance }";
  const value = top.get("timeline");
  const items = value?.list(expected) ?? [];
  if (value && items.length > 0 && !around.filesystem) {
    value.report("a filesystem that the steps work on", { found: "a timeline without filesystem:" });
    return [];
  }
  const maps = items.flatMap((item) => item.map("a step, such as { at: 5s, do: balance }") ?? []);
  const created = pathsMade(maps);
  const ids = new StepIds(maps);
  const steps: TimelineStep[] = [];
  for (const fields of maps) {
    const step = readStep(fields, { ...around, earlier: steps }, created, ids);
    if (step) steps.push(step);
  }
  return steps;
}

/** One step. What does not depend on the operation is checked even if the operation is unknown. */
function readStep(
  fields: Fields,
  around: StepSurroundings & { readonly earlier: readonly TimelineStep[] },
  created: readonly string[],
  ids: StepIds,
): TimelineStep | undefined {
  const { operations } = around.catalogue;
  const choice = { type: "choice", choices: operations.names(), meaning: "operation" } as const;
  const { at, says } = readDeclared(fields, STEP_FIELDS);
  const after = readAfter(fields, around.earlier);
  const operation = fields.require("do", `an operation: one of ${operations.names().join(", ")}`);
  const entry = operation && operations.get(String(readValue(operation, choice)));
  checkInside(fields.get("at"), at, around.duration);
  const expect = readAnswers(fields.get("expect"), around.variants);
  if (!entry) return undefined;
  const args = readArguments(fields, entry.parameters);
  const mayBeMissing = Object.values(expect).some((answers) => answers.includes("ENOENT"));
  if (!mayBeMissing) checkPaths(args, entry.parameters, around.filesystem?.paths ?? [], created);
  if (at !== undefined && typeof at !== "number") return undefined;
  const log = readLog(fields.get("log"));
  return {
    id: ids.of(fields, entry.name),
    at: at ?? 0,
    ...(after === undefined ? {} : { after }),
    do: entry.name,
    args: args.values,
    expect,
    ...(log.length === 0 ? {} : { log }),
    ...(typeof says === "string" ? { says } : {}),
  };
}

/** The step that must have ended: the one that is named, or the one before if there is no time either. */
function readAfter(fields: Fields, earlier: readonly TimelineStep[]): string | undefined {
  const value = fields.get("after");
  if (!value) return fields.has("at") ? undefined : earlier.at(-1)?.id;
  const names = earlier.map(({ id }) => id);
  if (names.includes(value.text)) return value.text;
  const expected = names.length === 0 ? "no after: in the first step" : "the id of a step further up";
  value.report(expected, { suggestion: nearest(value.text, names) });
  return undefined;
}

/** One text that must appear in the kernel log while the step runs, or a list of them. */
function readLog(value: Value | undefined): readonly string[] {
  if (!value) return [];
  const items = value.isList ? value.list("texts of the kernel log")! : [value];
  return items.flatMap((item) => {
    if (item.text !== "") return [item.text];
    item.report("a text of the kernel log, such as swapfile must not have holes");
    return [];
  });
}

/** A step at or after the end would never run. */
function checkInside(value: Value | undefined, at: unknown, duration: number | undefined): void {
  if (!value || typeof at !== "number" || duration === undefined || at < duration) return;
  value.report(`a time before the end of the run at ${writeDuration(duration)}`);
}

/** Arguments with the fields they came from, so that a problem is reported at the right one. */
interface StepArguments {
  readonly values: ParameterValues;
  readonly fields: Fields;
}

/** Arguments stand in the step itself, or under `filters` as btrfs-progs calls those of balance. */
function readArguments(fields: Fields, parameters: ParameterDeclarations): StepArguments {
  const known = Object.keys(parameters);
  fields.rejectUnknown([...Object.keys(STEP_FIELDS), "do", "expect", "log", "filters", ...known]);
  const nested = fields.get("filters")?.map("filters, such as { usage: 50 }");
  nested?.rejectUnknown(known);
  for (const { name, key } of nested?.all ?? []) {
    if (known.includes(name) && fields.has(name))
      key.report("each argument once", { found: `${name} a second time` });
  }
  const all = new Fields(fields.owner, [...fields.all, ...(nested?.all ?? [])]);
  return { values: readDeclared(all, parameters), fields: all };
}

/**
 * An argument `path`, and a text that looks like a path (vrange of balance), must name a file of the filesystem or
 * something made by a step. Other paths name subvolumes or things to be made.
 */
function checkPaths(
  { values, fields }: StepArguments,
  parameters: ParameterDeclarations,
  paths: readonly string[],
  created: readonly string[],
): void {
  for (const [name, { type }] of Object.entries(parameters)) {
    const value = values[name];
    const at = fields.get(name);
    const namesFile =
      (type === "path" && name === "path") || (name === "vrange" && String(value).startsWith("/"));
    if (!at || value === undefined || !namesFile) continue;
    if (!created.some((path) => value === path || String(value).startsWith(`${path}/`)))
      readFilePath(at, paths);
  }
}

/** Operations whose `path` or `subvolume` is new. */
const MAKERS: readonly string[] = ["create", "subvolume-create"];

/** What steps make: files and subvolumes, the targets of reflink and snapshot, and the names that snapshots get by themselves. */
function pathsMade(steps: readonly Fields[]): readonly string[] {
  return steps.flatMap((fields) => {
    const makes = MAKERS.includes(fields.get("do")?.text ?? "");
    const paths = [
      fields.get("target")?.text,
      ...(makes ? [fields.get("path")?.text, fields.get("subvolume")?.text] : []),
    ];
    const named = paths.filter((path) => path !== undefined);
    return [`/snap-${fields.get("id")?.text ?? fields.get("do")?.text}`, ...named];
  });
}

/** Names of steps: the given ones, which must be unique, else the operation's, with a number from the second on. */
class StepIds {
  readonly #taken = new Set<string>();

  constructor(steps: readonly Fields[]) {
    for (const fields of steps) {
      const id = fields.get("id");
      if (!id) continue;
      if (this.#taken.has(id.text))
        id.report("each id once", { found: `${JSON.stringify(id.text)} a second time` });
      this.#taken.add(id.text);
    }
  }

  of(fields: Fields, operation: string): string {
    const given = fields.get("id");
    if (given) return given.text;
    let id = operation;
    for (let number = 2; this.#taken.has(id); number++) id = `${operation}-${number}`;
    this.#taken.add(id);
    return id;
  }
}

/** `ok`, `[ok, ETXTBSY]`, or one of these for each variant by name. */
function readAnswers(value: Value | undefined, variants: VariantNames): TimelineStep["expect"] {
  if (!value) return {};
  if (!value.isMap) return { "*": readAnswerList(value) };
  const answers: Record<string, readonly string[]> = {};
  for (const field of value.map("answers by variant")!.all) {
    if (field.name === "*" || checkVariantName(field.key, field.name, variants))
      answers[field.name] = readAnswerList(field.value);
  }
  return answers;
}

/** One answer or a list of them; wrong ones are reported and left out. */
function readAnswerList(value: Value): readonly string[] {
  const items = value.isList ? value.list("answers")! : [value];
  const choice = { type: "choice", choices: ANSWERS, meaning: "answer" } as const;
  return items.flatMap((item) => (readValue(item, choice) === undefined ? [] : [item.text]));
}

/** Whether the scenario has this variant; reports it at its place if not. */
export function checkVariantName(at: Value, name: string, variants: VariantNames): boolean {
  if (!variants || variants.includes(name)) return true;
  at.report(`a variant listed under strategies: ${variants.join(", ")}`, {
    found: JSON.stringify(name),
    suggestion: nearest(name, variants),
  });
  return false;
}
