import {
  type MemoryTaskSpec,
  openStreams,
  PAGE_SIZE,
  type ParameterValues,
  type TaskSpec,
  type WriterTaskSpec,
} from "../../sim/index.ts";
import type { Catalogue, ReadTrace } from "./catalogue.ts";
import { type FieldDeclarations, type FieldValues, readDeclared, readValue } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { ACCESS_CPU, memoryTaskFields, WRITER_FIELDS } from "./fields/index.ts";
import { type ReadFilesystem, readFilePath } from "./filesystem.ts";
import { checkKinship } from "./kinship.ts";
import { nearest } from "./nearest.ts";
import { readScriptTask } from "./script.ts";
import { parseDuration, writeDuration, writeSize } from "./units.ts";

/** What reading a task needs to know about the rest of the file. */
export interface TaskSurroundings {
  readonly catalogue: Catalogue;
  readonly readTrace: ReadTrace;
  readonly filesystem: ReadFilesystem | undefined;
  /** Seed of the run. */
  readonly seed: string;
  /** Undefined if it has a problem of its own. */
  readonly duration: number | undefined;
}

const A_TASK = "a task with pattern:, trace: or script: (touches memory) or writes: (writes to a file)";

/** The tasks in the order of the file; those with a problem are left out. */
export function readTasks(top: Fields, around: TaskSurroundings): readonly TaskSpec[] {
  const expected = "the tasks by name, such as browser: { pattern: hotcold, pages: 100000 }";
  const value = top.has("timeline") ? top.get("tasks") : top.require("tasks", expected);
  const fields = value?.map(expected);
  if (!fields) return [];
  if (fields.all.length === 0) fields.owner.report("at least one task", { found: "none" });
  const tasks: TaskSpec[] = [];
  for (const { name, value } of fields.all) {
    const task = readTask(name, value, around);
    if (!task) continue;
    checkKinship(task, tasks, value);
    tasks.push(task);
  }
  return tasks;
}

/** One task. Which of the four forms it has shows in its keys. */
function readTask(name: string, value: Value, around: TaskSurroundings): TaskSpec | undefined {
  const fields = value.map(A_TASK);
  if (!fields) return undefined;
  checkStart(fields, around.duration);
  if (fields.has("trace")) return readTraceTask(name, fields, around);
  if (fields.has("script")) return readScriptTask(name, fields);
  if (isWriter(fields)) return readWriter(name, fields, around);
  if (fields.has("pattern")) return readPatternTask(name, fields, around);
  reportFormless(fields);
  return undefined;
}

/** `writes` is the path of a file here; of a pattern of memory accesses it is the share that write. */
function isWriter(fields: Fields): boolean {
  const writes = fields.get("writes");
  if (!writes) return false;
  return String(writes.scalar).startsWith("/") || fields.has("rate") || fields.has("blocks");
}

/** A task without a form: often a form's name is misspelt. */
function reportFormless(fields: Fields): void {
  const forms = ["pattern", "trace", "script", "writes"];
  for (const { name, key } of fields.all) {
    const suggestion = nearest(name, forms);
    if (suggestion === undefined) continue;
    key.report(`one of ${forms.join(", ")}`, {
      found: `the unknown key ${JSON.stringify(name)}`,
      suggestion,
    });
    return;
  }
  fields.owner.report(A_TASK);
}

/** A task that would begin after the end of the run is a slip of the pen. */
function checkStart(fields: Fields, duration: number | undefined): void {
  const start = fields.get("start");
  const at = start && parseDuration(start.text);
  if (at === undefined || duration === undefined || at < duration) return;
  start!.report(`a start before the end of the run at ${writeDuration(duration)}`);
}

/**
 * A task whose accesses a pattern makes. The pattern is asked for accesses only when its options are right.
 */
function readPatternTask(name: string, fields: Fields, around: TaskSurroundings): MemoryTaskSpec | undefined {
  const { patterns } = around.catalogue;
  const choice = { type: "choice", choices: patterns.names(), meaning: "how pages are chosen" } as const;
  const entry = patterns.get(String(readValue(fields.get("pattern")!, choice)));
  if (!entry) return undefined;
  const common = memoryTaskFields();
  const known = ["pattern", "reads", ...Object.keys(common), ...Object.keys(entry.parameters)];
  fields.rejectUnknown(known);
  const values = readDeclared(fields, common);
  const options = readDeclared(fields, entry.parameters);
  if (!isComplete(values, common) || !isComplete(options, entry.parameters)) return undefined;
  const given = options as ParameterValues & { readonly pages: number };
  const checked = { ...given, seed: given["seed"] ?? seedOf(name, around.seed) };
  const reads = entry.fileReads(checked);
  const path = reads ? readDataFile(fields, around) : rejectDataFile(fields);
  return {
    kind: "memory",
    name,
    ...memoryValues(values),
    open: () => entry.create(checked),
    fileReads: reads && path !== undefined ? { ...reads, path } : undefined,
  };
}

/** Another seed of the scenario gives every task other accesses; two tasks of one scenario differ as well. */
function seedOf(task: string, seed: string): number {
  return openStreams(seed)
    .named(`task/${task}`)
    .below(2 ** 32);
}

/** Required ones are there and right; optional ones that were given are right too, or a problem was noted. */
function isComplete(values: FieldValues, declarations: FieldDeclarations): boolean {
  return Object.entries(declarations).every(([name, { optional }]) => optional || values[name] !== undefined);
}

/** The file that a pattern reads between accesses. */
function readDataFile(fields: Fields, around: TaskSurroundings): string | undefined {
  const value = fields.require("reads", "the path of the file that this pattern reads");
  return value && readFilePath(value, around.filesystem?.paths ?? []);
}

/** Other patterns would silently ignore the file. */
function rejectDataFile(fields: Fields): undefined {
  fields
    .get("reads")
    ?.report("a pattern that reads a file", { found: "a file for a pattern that reads none" });
}

type MemoryValues = Pick<
  MemoryTaskSpec,
  "start" | "cpu" | "init" | "repeat" | "group" | "compressed" | "threadOf" | "forkOf"
>;

/** The names in the table of the format are those of the specification, so the values carry over. */
function memoryValues({ cgroup, ...values }: FieldValues): MemoryValues {
  return {
    ...(values as unknown as MemoryValues),
    ...(cgroup === undefined ? {} : { group: String(cgroup) }),
  };
}

/** A task that replays a recorded program. What is wrong with the trace is reported where it is named. */
function readTraceTask(name: string, fields: Fields, around: TaskSurroundings): MemoryTaskSpec | undefined {
  const value = fields.get("trace")!;
  const file = value.text;
  if (file === "") {
    value.report("the path of a trace file");
    return undefined;
  }
  const baseName = file.slice(file.lastIndexOf("/") + 1);
  const cpu = around.catalogue.cpuPerTraceLine(baseName) ?? ACCESS_CPU;
  const declarations = memoryTaskFields(cpu);
  fields.rejectUnknown(["trace", ...Object.keys(declarations)]);
  const values = readDeclared(fields, declarations);
  const trace = around.readTrace(file);
  if ("found" in trace) {
    value.report(trace.expected, { found: trace.found });
    return undefined;
  }
  return { kind: "memory", name, ...memoryValues(values), open: () => trace.open(), fileReads: undefined };
}

/** A task that writes to a file. `blocks` counts blocks; the machine counts writes of one or more blocks. */
function readWriter(name: string, fields: Fields, around: TaskSurroundings): WriterTaskSpec | undefined {
  fields.rejectUnknown(["writes", ...Object.keys(WRITER_FIELDS)]);
  const values = readDeclared(fields, WRITER_FIELDS);
  const path = readFilePath(fields.get("writes")!, around.filesystem?.paths ?? []);
  const { start, blocks, pattern, rate, size, readEvery } = values;
  if (path === undefined || !isComplete(values, WRITER_FIELDS)) return undefined;
  const file = around.filesystem?.spec.files.find((candidate) => candidate.path === path);
  if (file && Number(size) > file.size)
    fields.get("size")?.report(`at most ${writeSize(file.size)}, the size of ${path}`);
  const blocksPerWrite = Number(size) / PAGE_SIZE;
  return {
    kind: "writer",
    name,
    start: Number(start),
    path,
    writes: blocks === undefined ? Number.POSITIVE_INFINITY : Math.ceil(Number(blocks) / blocksPerWrite),
    blocksPerWrite,
    pattern: pattern as WriterTaskSpec["pattern"],
    rate: Number(rate),
    readEvery: Number(readEvery),
  };
}
