import type { ScriptLine, ScriptTaskSpec } from "../../sim/index.ts";
import { readDeclared } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { scriptTaskFields } from "./fields/index.ts";
import { nearest } from "./nearest.ts";
import { parseDuration } from "./units.ts";

/** What a line of a script looks like. */
export const SCRIPT_LINE: RegExp = /^(load|store|pageout) \d+(-\d+)?$|^sleep \d+(\.\d+)?(ns|us|ms|s|min|h)$/;
const VERBS = ["load", "store", "pageout", "sleep"];
const A_LINE = "a line of a script such as store 0, load 0-3, pageout 0, sleep 5ms";
/** Pages a script may name: it is for machines so small that each step counts. */
const PAGES_MAX = 1024;

/** A task that does what a list says. Its memory is as large as the highest page it names. */
export function readScriptTask(name: string, fields: Fields): ScriptTaskSpec | undefined {
  const declarations = scriptTaskFields();
  fields.rejectUnknown(["script", ...Object.keys(declarations)]);
  const { start, cgroup, compressed, threadOf, forkOf } = readDeclared(fields, declarations);
  const items = fields.get("script")!.list(`a list of lines, each ${A_LINE}`);
  if (items?.length === 0) fields.get("script")!.report("at least one line", { found: "none" });
  const lines = items?.flatMap((item) => readLine(item) ?? []) ?? [];
  if (lines.length === 0 || lines.length < (items?.length ?? 0)) return undefined;
  const highest = Math.max(0, ...lines.map((line) => (line.do === "sleep" ? 0 : line.page + line.pages - 1)));
  return {
    kind: "script",
    name,
    start: Number(start),
    pages: highest + 1,
    lines,
    ...(cgroup === undefined ? {} : { group: String(cgroup) }),
    ...(compressed === undefined ? {} : { compressed: Number(compressed) }),
    ...(threadOf === undefined ? {} : { threadOf: String(threadOf) }),
    ...(forkOf === undefined ? {} : { forkOf: String(forkOf) }),
  };
}

function readLine(value: Value): ScriptLine | undefined {
  const [verb = "", what = ""] = value.text.split(" ");
  if (!SCRIPT_LINE.test(value.text)) {
    value.report(A_LINE, { suggestion: VERBS.includes(verb) ? undefined : nearest(verb, VERBS) });
    return undefined;
  }
  if (verb === "sleep") return { do: verb, duration: parseDuration(what) ?? 0 };
  const [page = 0, last = page] = what.split("-").map(Number);
  if (page <= last && last < PAGES_MAX)
    return { do: verb as "load" | "store" | "pageout", page, pages: last - page + 1 };
  value.report(page > last ? "a range that ends behind its start" : `a page below ${PAGES_MAX}`);
  return undefined;
}
