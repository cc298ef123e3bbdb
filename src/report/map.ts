import type { StrategyDocument } from "../experiments/index.ts";
import { foldFiles, restOf } from "./fold-files.ts";
import { formatBytes, formatCount, formatDuration, formatMany, formatPercent, wrap } from "./format.ts";
import { CELL_KINDS } from "./map-kinds.ts";

const BLOCK = 4096;
/** A map has as many columns as fit, in whole groups of so many. */
const GROUP = 16;
const INDENT = 2;

type Layout = StrategyDocument["recording"]["layouts"][number];

/** The disk at one moment: a letter for each part of a device, then the block groups, then the files. */
export function mapText(result: StrategyDocument, at: number, columns: number): string {
  const { disk, layouts } = result.recording;
  const maps = [...new Set(disk.map(({ device }) => device))].map((device) =>
    disk.findLast((map) => map.device === device && map.at <= at),
  );
  const layout = layouts.findLast((candidate) => candidate.at <= at);
  const shown = maps.flatMap((map) => (map ? [deviceMap(map, columns)] : []));
  if (shown.length === 0) return `${result.name} has no filesystem to map.`;
  const title = `The disk with ${result.name} at ${formatDuration(Math.min(at, result.simulatedNs))}`;
  return [title, ...shown, legend(columns), ...(layout ? [groupTable(layout), fileTable(layout)] : [])].join(
    "\n\n",
  );
}

function deviceMap(
  { device, blocksPerCell, cells }: StrategyDocument["recording"]["disk"][number],
  columns: number,
): string {
  const width = Math.max(GROUP, Math.floor((columns - INDENT) / GROUP) * GROUP);
  const rows = cells.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return [
    `${device}, a letter is ${formatBytes(blocksPerCell * BLOCK)}`,
    ...rows.map((row) => `  ${row}`),
  ].join("\n");
}

function legend(columns: number): string {
  const kinds = CELL_KINDS.map(([letter, meaning]) => `${letter} ${meaning}`).join("; ");
  return wrap(kinds, columns - INDENT)
    .map((line) => `  ${line}`)
    .join("\n");
}

function groupTable({ groups }: Layout): string {
  const rows = groups.map(({ start, length, used, profile, devices, pinned }) => [
    String(start),
    formatBytes(length),
    `${formatPercent(used / length)} used`,
    profile,
    devices.join("+"),
    pinned ? "held by swap" : "",
  ]);
  return table("Block groups: start, size, use, profile, devices", rows);
}

function fileTable({ files }: Layout): string {
  const { shown, rest } = foldFiles(files);
  const rows = shown.map(({ path, size, extents, shared, groups }) => [
    path,
    formatBytes(size * BLOCK),
    formatMany(extents, "extent"),
    `${formatCount(shared)} shared`,
    groups.length === 0 ? "" : `in ${groups.join(", ")}`,
  ]);
  const folded = rest.length > 0 ? [[...restOf(rest), "", "", ""]] : [];
  return table("Files: size, extents, sharing, block groups", [...rows, ...folded]);
}

/** Columns as wide as their longest cell. */
function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column]!));
    return `  ${cells.join("  ")}`.trimEnd();
  });
  return [title, ...lines].join("\n");
}
