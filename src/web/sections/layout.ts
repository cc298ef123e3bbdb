import type { StrategyDocument } from "../../experiments/index.ts";
import { foldFiles, restOf } from "../../report/fold-files.ts";
import { formatBytes, formatCount, formatMany, formatPercent } from "../../report/format.ts";
import { h, section, table } from "../dom.ts";

const BLOCK = 4096;

/** Block groups that lie open; more of them are folded away. */
const GROUPS_OPEN = 40;

type Layout = StrategyDocument["recording"]["layouts"][number];
type LayoutFile = Layout["files"][number];

/** Block groups and files of each variant, at the start and at the end. */
export function layouts(results: readonly StrategyDocument[]): HTMLElement | undefined {
  const shown = results.flatMap(({ name, recording }) => {
    const [before] = recording.layouts;
    const after = recording.layouts.at(-1);
    if (!before || !after) return [];
    return [
      h("h4", {}, `${name}, block groups`),
      groupTable(before, after),
      h("h4", {}, `${name}, files`),
      fileTable(before, after),
    ];
  });
  return shown.length === 0 ? undefined : section("Block groups and files", ...shown);
}

function groupTable(before: Layout, after: Layout): HTMLElement {
  const starts = [...new Set([...before.groups, ...after.groups].map(({ start }) => start))];
  const rows = starts
    .sort((a, b) => a - b)
    .map((start) => {
      const [old, now] = [before, after].map(({ groups }) => groups.find((group) => group.start === start));
      const group = (now ?? old)!;
      return [
        String(start),
        group.profile,
        group.devices.join(", "),
        formatBytes(group.length),
        usage(old),
        usage(now),
        now?.pinned ? "yes" : "",
      ];
    });
  const head = ["start", "profile", "devices", "size", "used before", "used after", "held by swap"];
  const groups = table(head, rows);
  if (rows.length <= GROUPS_OPEN) return groups;
  return h("details", {}, h("summary", {}, formatMany(rows.length, "block group")), groups);
}

function usage(group: Layout["groups"][number] | undefined): string {
  return group ? formatPercent(group.used / group.length) : "not there";
}

function fileTable(before: Layout, after: Layout): HTMLElement {
  const [old, now] = [before, after].map(({ files }) => new Map(files.map((file) => [file.path, file])));
  const all = [...new Map([...old!, ...now!]).values()];
  const changed = ({ path }: LayoutFile): boolean => isChanged(old!.get(path), now!.get(path));
  const { shown, rest } = foldFiles(all, changed);
  const rows = shown.map(({ path, size }) => [
    path,
    formatBytes(size * BLOCK),
    extents(old!.get(path)),
    extents(now!.get(path)),
    now!.get(path)?.groups.join(", ") ?? "",
  ]);
  const [count, size] = restOf(rest);
  const folded =
    rest.length > 0 ? [[count, size, "", "", `${formatCount(rest.filter(changed).length)} changed`]] : [];
  return table(
    ["file", "size", "extents before", "extents after", "block groups after"],
    [...rows, ...folded],
  );
}

/** It came, went, moved to other block groups, or lies in other pieces. */
function isChanged(old: LayoutFile | undefined, now: LayoutFile | undefined): boolean {
  if (!old || !now) return true;
  return old.extents !== now.extents || old.shared !== now.shared || old.groups.join() !== now.groups.join();
}

function extents(file: Layout["files"][number] | undefined): string {
  return file ? `${formatCount(file.extents)}, ${formatCount(file.shared)} shared` : "not there";
}
