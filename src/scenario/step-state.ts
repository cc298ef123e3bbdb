import type { ExpectedState } from "../../sim/index.ts";
import { readValue } from "./declared.ts";
import type { Field, Value } from "./document.ts";

/** Reports a file that the filesystem has not and that no step makes. */
export type CheckFile = (path: Value) => void;

/** Keys of `state`, with what each expects. */
export const STATE_KEYS = {
  extents: "extents by file, such as { /db: 400 }",
  blockGroup: "same, moved or a start in bytes by file, such as { /swapfile: same }",
  moved: "a list of block groups by their start in bytes",
  skipped: "a list of block groups by their start in bytes",
  unchanged: "a list of files, such as [/db]",
  leftovers: "none",
} as const;

const KEYS = Object.keys(STATE_KEYS);
const COUNT = { type: "integer", min: 0, meaning: "a number" } as const;

/** Whether a map says something about the state, not about variants. */
export function isState(value: Value): boolean {
  return !value.isMap || value.map("state")!.all.some(({ name }) => KEYS.includes(name));
}

/** What must be true when a step has ended; what is wrong is reported and left out. */
export function readState(value: Value, checkFile: CheckFile): ExpectedState {
  const fields = value.map("a state, such as { extents: { /db: 400 }, leftovers: none }");
  fields?.rejectUnknown(KEYS);
  const extents = fields?.get("extents");
  const blockGroup = fields?.get("blockGroup");
  const unchanged = fields?.get("unchanged");
  const leftovers = fields?.get("leftovers");
  const none = { type: "choice", choices: ["none"], meaning: "none" } as const;
  return {
    ...(extents && { extents: readByFile(extents, STATE_KEYS.extents, checkFile, readCount) }),
    ...(blockGroup && {
      blockGroup: readByFile(blockGroup, STATE_KEYS.blockGroup, checkFile, readGroup),
    }),
    ...groupLists(fields?.all ?? []),
    ...(unchanged && { unchanged: readFiles(unchanged, checkFile) }),
    ...(leftovers && readValue(leftovers, none) !== undefined && { leftovers: "none" as const }),
  };
}

function readByFile<Said>(
  value: Value,
  expected: string,
  checkFile: CheckFile,
  read: (value: Value) => Said | undefined,
): Record<string, Said> {
  const said: Record<string, Said> = {};
  for (const { name, key, value: one } of value.map(expected)?.all ?? []) {
    checkFile(key);
    const found = read(one);
    if (found !== undefined) said[name] = found;
  }
  return said;
}

function readCount(value: Value): number | undefined {
  return readValue(value, COUNT) as number | undefined;
}

function readGroup(value: Value): "same" | "moved" | number | undefined {
  if (value.text === "same" || value.text === "moved") return value.text;
  if (typeof value.scalar === "number") return readCount(value);
  value.report("same, moved, or the start of a block group in bytes");
  return undefined;
}

/** `moved` and `skipped`. */
function groupLists(fields: readonly Field[]): Pick<ExpectedState, "moved" | "skipped"> {
  const lists = fields.flatMap(({ name, value }) => {
    if (name !== "moved" && name !== "skipped") return [];
    const items = value.list(STATE_KEYS[name]) ?? [];
    return [[name, items.flatMap((item) => readCount(item) ?? [])] as const];
  });
  return Object.fromEntries(lists);
}

function readFiles(value: Value, checkFile: CheckFile): readonly string[] {
  return (value.list(STATE_KEYS.unchanged) ?? []).map((item) => {
    checkFile(item);
    return item.text;
  });
}
