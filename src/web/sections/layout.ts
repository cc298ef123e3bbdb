import type { StrategyDocument } from "../../experiments/index.ts";
import { formatBytes, formatCount, formatPercent } from "../../report/format.ts";
import { h, section, table } from "../dom.ts";

const BLOCK = 4096;

type Layout = StrategyDocument["recording"]["layouts"][number];

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
  return table(["start", "profile", "devices", "size", "used before", "used after", "held by swap"], rows);
}

function usage(group: Layout["groups"][number] | undefined): string {
  return group ? formatPercent(group.used / group.length) : "not there";
}

function fileTable(before: Layout, after: Layout): HTMLElement {
  const paths = [...new Set([...before.files, ...after.files].map(({ path }) => path))];
  const rows = paths.map((path) => {
    const [old, now] = [before, after].map(({ files }) => files.find((file) => file.path === path));
    const file = (now ?? old)!;
    return [
      path,
      formatBytes(file.size * BLOCK),
      extents(old),
      extents(now),
      now ? now.groups.join(", ") : "",
    ];
  });
  return table(["file", "size", "extents before", "extents after", "block groups after"], rows);
}

function extents(file: Layout["files"][number] | undefined): string {
  return file ? `${formatCount(file.extents)}, ${formatCount(file.shared)} shared` : "not there";
}
