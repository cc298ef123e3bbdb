import { type Domain, domainOf, type Key } from "../engine/index.ts";
import type { Machine } from "../machine.ts";
import type { Scenario, StrategyVariant } from "../scenario.ts";
import { type Execution, execute, type Step } from "./execution.ts";
import { type Change, changesBetween, type Facts, factsOf } from "./facts.ts";
import { follow } from "./guide.ts";
import { type Wait, waitsOf } from "./locks-held.ts";
import { switchesIn } from "./switches.ts";
import { type Violated, violationOf } from "./violated.ts";
import { racedBlocks } from "./visibility.ts";

/** A step that others can notice, or that is all that a switch came to, with those of the same actor that nobody can. */
export interface Row {
  /** A task, an operation or a kernel thread. What a device does counts to whoever asked for it. */
  readonly actor: string;
  /** The kernel functions it went through, one for each step. */
  readonly labels: readonly string[];
  /** Its steps, by their number in the run. */
  readonly steps: readonly number[];
  /** The one of them that the row is for. */
  readonly at: number;
  readonly changes: readonly Change[];
  /** It took over from somebody who could have gone on, here or in a step before that nobody can notice. */
  readonly preempts: boolean;
}

/** A run told step by step. */
export interface Story {
  readonly execution: Execution;
  readonly violated: Violated | undefined;
  readonly rows: readonly Row[];
  /** What each step changed. */
  readonly changes: readonly (readonly Change[])[];
  /** What was so before the first step, and after the last. */
  readonly before: Facts;
  readonly after: Facts;
  /** Who could not go on in the end. */
  readonly waits: readonly Wait[];
}

/** Repeats a run and writes down what each step changes. `look` sees the machine before the first step and after each. */
export function tell(
  scenario: Scenario,
  variant: StrategyVariant,
  choices: readonly number[],
  look?: (machine: Machine) => void,
): Story {
  const facts: Facts[] = [];
  let seen: Machine | undefined;
  const execution = execute(scenario, variant, follow(choices), {
    onStep: (machine) => {
      facts.push(factsOf(machine));
      seen = machine;
      look?.(machine);
    },
  });
  const changes = execution.steps.map((_, at) => changesBetween(facts[at]!, facts[at + 1] ?? facts[at]!));
  return {
    execution,
    violated: violationOf(execution),
    rows: rowsOf(execution.steps, changes),
    changes,
    before: facts[0] ?? new Map(),
    after: facts.at(-1) ?? new Map(),
    waits: seen ? waitsOf(seen.engine) : [],
  };
}

interface OpenRow extends Row {
  readonly labels: string[];
  readonly steps: number[];
  readonly changes: Change[];
  at: number;
  preempts: boolean;
}

/** The steps that open a row; the rest goes to the row of the same actor before it, or after it. */
function rowsOf(steps: readonly Step[], changes: readonly (readonly Change[])[]): readonly Row[] {
  const actors = actorsOf(steps);
  const switches = switchesIn(steps);
  const opens = rowsOpened(steps, changes, actors, switches);
  const rows: OpenRow[] = [];
  const quiet = new Map<string, OpenRow>();
  for (const [at, step] of steps.entries()) {
    const actor = actors[at]!;
    // A switch is marked where it shows, which is never before.
    const last = switches[at] ? undefined : rows.findLast((row) => row.actor === actor);
    const waiting = quiet.get(actor);
    const row = waiting ?? (opens[at] ? undefined : last) ?? emptyRow(actor);
    row.steps.push(at);
    row.labels.push([step.forgetful ? `${step.label} ends` : step.label, ...step.chose].join("; "));
    row.changes.push(...changes[at]!);
    row.preempts ||= switches[at]!;
    if (opens[at]) {
      row.at = at;
      rows.push(row);
      quiet.delete(actor);
    } else if (row !== last) quiet.set(actor, row);
  }
  return rows;
}

/**
 * Steps that others can notice open a row. So does a switch, unless the next that shows is what it was made for: each is
 * marked, and none twice.
 */
function rowsOpened(
  steps: readonly Step[],
  changes: readonly (readonly Change[])[],
  actors: readonly string[],
  switches: readonly boolean[],
): readonly boolean[] {
  const shared = sharedKeys(steps, actors);
  let next = -1;
  const opens = steps.map((_, index) => {
    const at = steps.length - 1 - index;
    const { accesses, chose } = steps[at]!;
    const isVisible =
      changes[at]!.length + chose.length > 0 || [...accesses.keys()].some((key) => shared.has(key));
    const showsLater = next >= 0 && actors[next] === actors[at] && !switches[next];
    if (isVisible || switches[at]) next = at;
    return isVisible || (switches[at] === true && !showsLater);
  });
  return opens.reverse();
}

const emptyRow = (actor: string): OpenRow => ({
  actor,
  labels: [],
  steps: [],
  changes: [],
  preempts: false,
  at: -1,
});

/** Who each step is counted to. */
function actorsOf(steps: readonly Step[]): readonly string[] {
  const askedBy = new Map<Key, string>();
  return steps.map((step) => {
    const requests = [...step.accesses.keys()].filter((key) => domainOf(key) === "request");
    const asker = requests.map((key) => askedBy.get(key)).find((name) => name !== undefined);
    const actor = step.forgetful ? (asker ?? step.name) : step.name;
    for (const key of requests) askedBy.set(key, actor);
    return actor;
  });
}

/** What a filesystem shares shows in its facts; waking somebody, or asking a device, is nothing a third one reads. */
const UNTOLD: ReadonlySet<Domain> = new Set(["process", "request", "filesystem", "lock", "memory"]);

/** Things that two actors touch and one of them changes; of blocks only those that they raced for. */
function sharedKeys(steps: readonly Step[], actors: readonly string[]): ReadonlySet<Key> {
  const raced = racedBlocks(steps);
  const touched = new Map<Key, { readonly by: Set<string>; changed: boolean }>();
  for (const [at, { accesses }] of steps.entries()) {
    for (const [key, changes] of accesses) {
      if (UNTOLD.has(domainOf(key)) || (domainOf(key) === "device blocks" && !raced.has(key))) continue;
      const entry = touched.get(key) ?? { by: new Set(), changed: false };
      entry.by.add(actors[at]!);
      entry.changed ||= changes;
      touched.set(key, entry);
    }
  }
  return new Set([...touched].filter(([, { by, changed }]) => changed && by.size > 1).map(([key]) => key));
}
