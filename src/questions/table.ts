import { parse } from "yaml";
import type { ResultDocument } from "../experiments/index.ts";
import { compare, type ScenarioFile } from "../library/index.ts";
import { formatBytes, formatCount, formatDuration } from "../report/format.ts";
import type { TableSpec } from "./book.ts";

type Result = ResultDocument["strategies"][number];

/** One line of a table: what it is about, and the values in the order of the columns. */
export interface TableRow {
  readonly label: string;
  readonly values: readonly unknown[];
}

/** Runs the scenario of a table, once for each value of what is varied. */
export async function tableRows(text: string, spec: TableSpec): Promise<readonly TableRow[]> {
  const paths = Object.values(spec.columns);
  const rows: TableRow[] = [];
  for (const value of spec.values ?? [undefined]) {
    const scenario = parse(text) as ScenarioFile;
    if (spec.vary !== undefined) put(scenario, spec.vary, value);
    const { strategies } = await compare(scenario);
    for (const result of strategies) {
      const labels = [
        ...(spec.vary === undefined ? [] : [labelOf(value)]),
        ...(spec.vary === undefined || strategies.length > 1 ? [result.name] : []),
      ];
      rows.push({ label: labels.join(", "), values: paths.map((path) => get(result, path)) });
    }
  }
  return rows;
}

/** What the steps of a scenario answered under its one strategy, as Markdown; steps without a name of their own are left out. */
export async function stepsText(text: string): Promise<string> {
  const named = ((parse(text) as ScenarioFile).timeline ?? []).flatMap(({ id }) => id ?? []);
  const [result] = (await compare(text)).strategies;
  const lines = (result?.operations ?? [])
    .filter(({ id }) => named.includes(id))
    .map(({ id, result: answer, achieved, skipped }) => {
      const reasons = [...new Set(skipped.map(({ reason }) => reason))];
      const told = answer !== "ok" && reasons.length > 0 ? reasons : [achieved, ...reasons];
      return `| ${id} | ${answer} | ${told.join("; ")} |`;
    });
  return ["| step | answer | |", "|---|---|---|", ...lines].join("\n");
}

function labelOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Columns that did not go the way the answer says they do, in words. */
export function brokenPremises(
  rows: readonly TableRow[],
  { columns, must = {} }: TableSpec,
): readonly string[] {
  const heads = Object.keys(columns);
  return Object.entries(must).flatMap(([head, way]) => {
    const column = heads.indexOf(head);
    const [first, last] = [rows[0], rows.at(-1)].map((row) => Number(row?.values[column]));
    const holds = way === "rises" ? last! > first! : last! < first!;
    return holds ? [] : [`${head} goes from ${first} to ${last}, and the answer says that it ${way}`];
  });
}

/** The table as Markdown. */
export function tableText(rows: readonly TableRow[], { vary, columns }: TableSpec): string {
  const heads = Object.keys(columns);
  const paths = Object.values(columns);
  const lines = rows.map(({ label, values }) => {
    return `| ${[label, ...values.map((value, index) => cell(value, paths[index]!))].join(" | ")} |`;
  });
  const head = `| ${[vary ?? "strategy", ...heads].join(" | ")} |`;
  return [head, `|---|${heads.map(() => "--:|").join("")}`, ...lines].join("\n");
}

/** A value as its path says: times end in Ns, space is in bytes. */
function cell(value: unknown, path: string): string {
  if (typeof value !== "number") return value === undefined ? "-" : String(value);
  if (/Ns\b|^psi\..*total$|At$/.test(path)) return value === 0 ? "-" : formatDuration(value);
  if (path.startsWith("space.") && !path.includes("Extents")) return formatBytes(value);
  return formatCount(value);
}

/** `operations.balance.result` finds the operation by its id, `recording.gauges.freePages.last` the last sample. */
function get(result: Result, path: string): unknown {
  let at: unknown = result;
  const names = path.startsWith("counters.") ? ["counters", path.slice("counters.".length)] : path.split(".");
  for (const name of names) {
    if (Array.isArray(at) && name === "last") at = at.at(-1);
    else if (Array.isArray(at)) at = at.find((item: { readonly id?: string }) => item.id === name);
    else at = (at as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  }
  return at;
}

/** Sets a value deep in a scenario; what is not there on the way is made. */
function put(scenario: object, path: string, value: unknown): void {
  const names = path.split(".");
  let at = scenario as Record<string, unknown>;
  for (const name of names.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[names.at(-1)!] = value;
}
