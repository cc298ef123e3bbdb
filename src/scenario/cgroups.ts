import { type GroupSpec, NO_LIMITS, PAGE_SIZE } from "../../sim/index.ts";
import { readDeclared } from "./declared.ts";
import type { Fields } from "./document.ts";
import { CGROUP_FIELDS } from "./fields/index.ts";
import { inARow, nearest } from "./nearest.ts";

const A_GROUP = "limits of a memory cgroup, such as { memoryMax: 256MiB }";

/** The memory cgroups by name. */
export function readGroups(top: Fields): readonly GroupSpec[] {
  const fields = top.get("cgroups")?.map("memory cgroups by name, such as app: { memoryMax: 256MiB }");
  return (fields?.all ?? []).flatMap(({ name, value }) => {
    const limits = value.map(A_GROUP);
    if (!limits) return [];
    limits.rejectUnknown(Object.keys(CGROUP_FIELDS));
    const values = readDeclared(limits, CGROUP_FIELDS);
    const pages = (key: string): number | undefined => {
      const bytes = values[key];
      return typeof bytes === "number" ? bytes / PAGE_SIZE : undefined;
    };
    return [
      {
        name,
        min: pages("memoryMin") ?? NO_LIMITS.min,
        low: pages("memoryLow") ?? NO_LIMITS.low,
        high: pages("memoryHigh") ?? NO_LIMITS.high,
        max: pages("memoryMax") ?? NO_LIMITS.max,
        swapHigh: pages("swapHigh") ?? NO_LIMITS.swapHigh,
        swapMax: pages("swapMax") ?? NO_LIMITS.swapMax,
      },
    ];
  });
}

/** Every task that names a cgroup names one that there is. */
export function checkGroups(top: Fields, groups: readonly GroupSpec[]): void {
  const tasks = top.get("tasks");
  if (!tasks?.isMap) return;
  const names = groups.map(({ name }) => name);
  for (const { value } of tasks.map("tasks")?.all ?? []) {
    const cgroup = value.isMap ? value.map("a task")?.get("cgroup") : undefined;
    // What is no name at all was told when its task was read.
    const isName = cgroup?.scalar !== undefined && cgroup.scalar !== null;
    if (!isName || names.includes(cgroup.text)) continue;
    const suggestion = nearest(cgroup.text, names);
    const expected =
      names.length === 0 ? "a name that stands under cgroups" : `one of ${inARow(names, suggestion)}`;
    cgroup.report(expected, { suggestion });
  }
}
