import type { Errno, ParameterDeclarations, ParameterValues, TimelineStep } from "../../sim/index.ts";
import { readByVariant, type VariantNames } from "./by-variant.ts";
import type { Catalogue } from "./catalogue.ts";
import { readCondition } from "./condition.ts";
import { type FieldValues, readDeclared, readValue } from "./declared.ts";
import { Fields, type Value } from "./document.ts";
import { STEP_FIELDS } from "./fields/index.ts";
import { type ReadFilesystem, readFilePath } from "./filesystem.ts";
import { StepOrder } from "./step-order.ts";
import { isState, readState } from "./step-state.ts";
import { writeDuration } from "./units.ts";

/** What reading a step needs to know about the rest of the file. */
export interface StepSurroundings {
  readonly catalogue: Catalogue;
  readonly filesystem: ReadFilesystem | undefined;
  readonly duration: number | undefined;
  readonly variants: VariantNames;
}

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
  ESRCH: true,
  ESTALE: true,
  ENODATA: true,
  SIGBUS: true,
};

/** What a step may be expected to answer. */
export const ANSWERS: readonly string[] = ["ok", ...Object.keys(ERRNOS)];

/** When a step begins. */
const STARTS: readonly string[] = ["at", "after", "when"];
const STEP_KEYS: readonly string[] = ["after", "when", "wait", "do", "filters", "expect", "log", "state"];

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
  const reader = new StepReader(around, pathsMade(maps), new StepOrder(maps));
  return maps.flatMap((fields, index) => reader.read(fields, index) ?? []);
}

/** Reads the steps one by one, with what all of them have in common. */
class StepReader {
  readonly #around: StepSurroundings;
  /** Paths that steps make. */
  readonly #created: readonly string[];
  readonly #order: StepOrder;

  constructor(around: StepSurroundings, created: readonly string[], order: StepOrder) {
    this.#around = around;
    this.#created = created;
    this.#order = order;
  }

  /** One step. What does not depend on the operation is checked even if the operation is unknown. */
  read(fields: Fields, index: number): TimelineStep | undefined {
    const { operations } = this.#around.catalogue;
    const choice = { type: "choice", choices: operations.names(), meaning: "operation" } as const;
    const told = readDeclared(fields, STEP_FIELDS);
    const start = this.#readStart(fields, index, told);
    const operation = fields.require("do", `an operation: one of ${operations.names().join(", ")}`);
    const entry = operation && operations.get(String(readValue(operation, choice)));
    const expected = this.#readExpected(fields, told);
    if (!entry) return undefined;
    const args = readArguments(fields, entry.parameters);
    const mayBeMissing = Object.values(expected.expect).some((answers) => answers.includes("ENOENT"));
    if (!mayBeMissing) this.#checkPaths(args, entry.parameters);
    if (!start) return undefined;
    return { id: this.#order.ids[index]!, ...start, do: entry.name, args: args.values, ...expected };
  }

  /** When the step begins: one of `at`, `after` and `when`, or when the step before has ended; `wait` may be added. */
  #readStart(
    fields: Fields,
    index: number,
    { at }: FieldValues,
  ): Pick<TimelineStep, "at" | "wait" | "when"> | undefined {
    checkInside(fields.get("at"), at, this.#around.duration);
    const [first, second] = fields.all.filter(({ name }) => STARTS.includes(name));
    second?.key.report(`one of ${STARTS.join(", ")}`, { found: `${second.name} beside ${first!.name}` });
    const condition = fields.get("when");
    const when = condition && readCondition(condition);
    const wait = this.#order.waitsOf(index);
    if (first?.name === "at" && at === undefined) return undefined;
    return {
      at: typeof at === "number" ? at : 0,
      ...(wait.length > 0 && { wait }),
      ...(when && { when }),
    };
  }

  /** What the file says about the answer, the log and the state at the end. */
  #readExpected(
    fields: Fields,
    { says }: FieldValues,
  ): Pick<TimelineStep, "expect" | "log" | "says" | "state"> {
    const { variants } = this.#around;
    const isOne = (value: Value): boolean => !value.isMap;
    const [expect, log, state] = ["expect", "log", "state"].map((name) => fields.get(name));
    const checkFile = (path: Value): void => this.#checkFile(path);
    return {
      expect: expect ? readByVariant(expect, isOne, readAnswerList, variants) : {},
      ...(log && { log: readByVariant(log, isOne, readTexts, variants) }),
      ...(typeof says === "string" && { says }),
      ...(state && {
        state: readByVariant(state, isState, (value) => readState(value, checkFile), variants),
      }),
    };
  }

  /**
   * An argument `path`, and a text that looks like a path (vrange of balance), must name a file of the filesystem or
   * something made by a step. Other paths name subvolumes or things to be made.
   */
  #checkPaths({ values, fields }: StepArguments, parameters: ParameterDeclarations): void {
    for (const [name, { type }] of Object.entries(parameters)) {
      const value = values[name];
      const at = fields.get(name);
      const namesFile =
        (type === "path" && name === "path") || (name === "vrange" && String(value).startsWith("/"));
      if (at && value !== undefined && namesFile) this.#checkFile(at);
    }
  }

  #checkFile(at: Value): void {
    const { text } = at;
    if (this.#created.some((path) => text === path || text.startsWith(`${path}/`))) return;
    readFilePath(at, this.#around.filesystem?.paths ?? []);
  }
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
  fields.rejectUnknown([...Object.keys(STEP_FIELDS), ...STEP_KEYS, ...known]);
  const nested = fields.get("filters")?.map("filters, such as { usage: 50 }");
  nested?.rejectUnknown(known);
  for (const { name, key } of nested?.all ?? []) {
    if (known.includes(name) && fields.has(name))
      key.report("each argument once", { found: `${name} a second time` });
  }
  const all = new Fields(fields.owner, [...fields.all, ...(nested?.all ?? [])]);
  return { values: readDeclared(all, parameters), fields: all };
}

/** Operations whose `path` or `subvolume` is new. */
const MAKERS: readonly string[] = ["create", "subvolume-create"];

/** What steps make: files and subvolumes, the targets of reflink and snapshot, and the names that snapshots get by themselves. */
function pathsMade(steps: readonly Fields[]): readonly string[] {
  return steps.flatMap((fields) => {
    const makes = MAKERS.includes(fields.get("do")?.text ?? "");
    const made = makes ? ["path", "subvolume", "target"] : ["target"];
    const paths = made.flatMap((name) => fields.get(name)?.text ?? []);
    return [`/snap-${fields.get("id")?.text ?? fields.get("do")?.text}`, ...paths];
  });
}

/** One answer or a list of them; wrong ones are reported and left out. */
function readAnswerList(value: Value): readonly string[] {
  const items = value.isList ? value.list("answers")! : [value];
  const choice = { type: "choice", choices: ANSWERS, meaning: "answer" } as const;
  return items.flatMap((item) => (readValue(item, choice) === undefined ? [] : [item.text]));
}

/** One text or a list of them. */
function readTexts(value: Value): readonly string[] {
  const items = value.isList ? value.list("kernel messages")! : [value];
  const text = { type: "text", meaning: "part of a kernel message" } as const;
  return items.flatMap((item) => (readValue(item, text) === undefined ? [] : [item.text]));
}
