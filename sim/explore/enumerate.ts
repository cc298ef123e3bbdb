import type { ParameterValues } from "../engine/index.ts";
import type { ScriptLine } from "../mm/index.ts";
import type { Scenario, ScriptTaskSpec, TimelineStep } from "../scenario.ts";

/** What an administrator may do to a filesystem that swap lies in, with arguments that suit any scenario. */
interface Verb {
  readonly do: string;
  readonly args: ParameterValues;
}

const PAGE_VERBS = ["store", "pageout", "load"] as const;

/**
 * All workloads of up to `length` operations per actor at small scope, in the manner of ACE: the scenario's script tasks
 * get every sequence of loads, stores and page-outs of one page, and an administrator every sequence of operations on the
 * filesystem. Workloads in which equal tasks have changed places come once, and so do those without a page-out.
 */
export function* workloads(scenario: Scenario, length: number): Generator<Scenario> {
  const scripts = scenario.tasks.filter((task) => task.kind === "script");
  const operations = [...sequences(verbsFor(scenario), length)];
  for (const lines of multisets([...sequences(PAGE_VERBS, length)], scripts.length)) {
    if (!lines.some((line) => line.includes("pageout"))) continue;
    for (const steps of operations) yield withWorkload(scenario, scripts, lines, steps);
  }
}

/** How many there are. */
export function countWorkloads(scenario: Scenario, length: number): number {
  let count = 0;
  for (const _ of workloads(scenario, length)) count++;
  return count;
}

/** Operations on the swap file and on another file of the scenario. */
function verbsFor({ swap, filesystem }: Scenario): readonly Verb[] {
  const path = swap.flatMap(({ target }) => (target.kind === "file" ? [target.path] : []))[0];
  if (path === undefined || !filesystem) return [];
  const files = [...filesystem.files, ...(filesystem.layout?.files ?? [])].map((file) => file.path);
  const other = files.find((file) => file !== path);
  return [
    { do: "sync", args: {} },
    { do: "balance", args: { vrange: path } },
    { do: "defrag", args: { path } },
    { do: "snapshot", args: {} },
    { do: "reflink", args: { path, target: "/clone" } },
    { do: "scrub", args: {} },
    { do: "fstrim", args: {} },
    ...(other === undefined ? [] : [{ do: "write", args: { path: other, offset: 0, length: 65_536 } }]),
    { do: "swapoff", args: { path } },
    { do: "power-loss", args: {} },
  ];
}

/** All lists of 1 to `length` of the items. */
function* sequences<Item>(items: readonly Item[], length: number): Generator<readonly Item[]> {
  if (length === 0) return;
  for (const item of items) {
    yield [item];
    for (const rest of sequences(items, length - 1)) yield [item, ...rest];
  }
}

/** All ways to give `count` equal actors one of the items each, whoever has which. */
function* multisets<Item>(items: readonly Item[], count: number, from = 0): Generator<readonly Item[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let at = from; at < items.length; at++) {
    for (const rest of multisets(items, count - 1, at)) yield [items[at]!, ...rest];
  }
}

function withWorkload(
  scenario: Scenario,
  scripts: readonly ScriptTaskSpec[],
  lines: readonly (readonly ScriptLine["do"][])[],
  steps: readonly Verb[],
): Scenario {
  const tasks = scripts.map((task, at) => ({ ...task, pages: 1, lines: lines[at]!.map(lineOf) }));
  const timeline = steps.map(({ do: name, args }, at): TimelineStep => {
    const wait = at === 0 ? {} : { wait: [idOf(steps, at - 1)] };
    return { id: idOf(steps, at), at: scenario.explore?.from ?? 0, ...wait, do: name, args, expect: {} };
  });
  const what = [...lines.map((verbs) => verbs.join(", ")), steps.map(({ do: name }) => name).join(", ")];
  return { ...scenario, name: what.join(" | "), tasks, timeline };
}

const idOf = (steps: readonly Verb[], at: number): string => `${at + 1}-${steps[at]!.do}`;

function lineOf(verb: ScriptLine["do"]): ScriptLine {
  return { do: verb as (typeof PAGE_VERBS)[number], page: 0 };
}
