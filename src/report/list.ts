import {
  COSTS,
  type CostDeclaration,
  deviceModels,
  filesystemTypes,
  kernelProfiles,
  listRules,
  operations,
  type ParameterDeclaration,
  type RegistryEntry,
  reclaimPolicies,
  searches,
  stackedDevices,
  strategies,
  TOGGLES,
  VMSTAT,
  zpools,
} from "../../sim/index.ts";
import { patterns } from "../../workloads/index.ts";
import { formatBytes, formatDuration, wrap } from "./format.ts";

/** One thing that can be named in a scenario, or that a result names. */
export interface ListedEntry {
  readonly name: string;
  readonly summary: string;
  readonly source?: string;
  readonly parameters?: Readonly<Record<string, ParameterDeclaration>>;
}

const plain = ({ name, meaning, unit }: { name: string; meaning: string; unit?: string }): ListedEntry => ({
  name,
  summary: unit === undefined ? meaning : `${meaning} [${unit}]`,
});
const declared = ({ name, summary, source, parameters }: RegistryEntry): ListedEntry => ({
  name,
  summary,
  source,
  parameters,
});

/** A rule of btrfs as an entry: where it stands, when it fires, what it answers, and which kernels have it. */
const rule = (row: ReturnType<typeof listRules>[number]): ListedEntry => ({
  name: `${row.operation} (${row.order})`,
  summary: `${row.condition}: ${row.answer}, by the ${row.mechanism}; ${row.kernels.join(", ") || "later kernels"}`,
  source: row.source,
});

/** A CPU time: what it is of, how long, and where that comes from. */
const cost = ([name, { time, meaning, source }]: [string, CostDeclaration]): ListedEntry => ({
  name,
  summary: `${meaning} [${formatDuration(time)}]`,
  source: source ?? "an estimate of the usual order of magnitude",
});

/** Everything there is, by kind, straight from the declarations. */
const LISTS: ReadonlyMap<string, readonly ListedEntry[]> = new Map([
  ["strategies", strategies.entries().map(declared)],
  ["patterns", patterns.entries().map(declared)],
  ["operations", operations.entries().map(declared)],
  ["rules", listRules().map(rule)],
  ["devices", [...deviceModels.entries(), ...stackedDevices.entries()].map(declared)],
  ["filesystems", filesystemTypes.entries().map(declared)],
  ["kernels", kernelProfiles.entries().map(declared)],
  ["zpools", zpools.entries().map(declared)],
  ["searches", searches.entries().map(declared)],
  ["policies", reclaimPolicies.entries().map(declared)],
  ["counters", VMSTAT.map(plain)],
  ["costs", Object.entries(COSTS).map(cost)],
  ["toggles", TOGGLES.map(plain)],
]);

/** The kinds that can be listed. */
export function listKinds(): readonly string[] {
  return [...LISTS.keys()];
}

/** Entries by kind. */
export type Listed = Readonly<Record<string, readonly ListedEntry[]>>;

/** All entries of the given kinds. */
export function listed(kinds: readonly string[]): Listed {
  return Object.fromEntries(kinds.map((kind) => [kind, LISTS.get(kind) ?? []]));
}

/** The entry of this name; rules are found by their operation, of which there are several. */
export function entriesNamed(entries: readonly ListedEntry[], name: string): readonly ListedEntry[] {
  return entries.filter((entry) => entry.name === name || entry.name.startsWith(`${name} (`));
}

/** Entries as text, at most `columns` wide. */
export function listText(list: Listed, columns: number): string {
  const sections = Object.entries(list).map(([kind, entries]) => {
    const texts = entries.map((entry) => entryText(entry, columns));
    return `${kind}\n\n${texts.join("\n")}`;
  });
  return `${sections.join("\n\n")}\n`;
}

function entryText({ name, summary, source, parameters }: ListedEntry, columns: number): string {
  const lines = [`  ${name}`, ...indented(summary, columns)];
  for (const [parameter, declaration] of Object.entries(parameters ?? {})) {
    lines.push(...indented(`${parameter}: ${describe(declaration)}`, columns, 6));
  }
  if (source !== undefined) lines.push(...indented(`source: ${source}`, columns, 6));
  return lines.join("\n");
}

function indented(text: string, columns: number, by = 4): string[] {
  return wrap(text, columns - by).map((line) => " ".repeat(by) + line);
}

/** Meaning, then type, unit, bounds and default in brackets. */
function describe(declaration: ParameterDeclaration): string {
  const { type, unit, choices, min, max, meaning, optional } = declaration;
  const facts = [
    choices ? choices.join(" | ") : type,
    ...(unit !== undefined && type !== "duration" ? [unit] : []),
    ...(min !== undefined && max !== undefined ? [`${min} to ${max}`] : []),
    declaration.default !== undefined
      ? `default ${valueText(declaration)}`
      : optional
        ? "optional"
        : "required",
  ];
  return `${meaning} [${facts.join(", ")}]`;
}

function valueText({ type, default: value }: ParameterDeclaration): string {
  if (type === "duration") return formatDuration(Number(value));
  if (type === "size") return formatBytes(Number(value));
  return value === "" ? '""' : String(value);
}
