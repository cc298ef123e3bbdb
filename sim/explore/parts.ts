import type { Scenario, ScriptTaskSpec } from "../scenario.ts";

/**
 * Parts that a scenario can do without: a task, a step of the timeline, a line of a script (`program/2`), a fault
 * (`toggle NAME`). A part is known by its name in the file, so that a list of them still means something tomorrow.
 */
export type Part = string;

/** All parts, large ones first: who is not needed at all need not be taken apart. */
export function partsOf({ tasks, timeline, faults }: Scenario): readonly Part[] {
  const lines = tasks.flatMap((task) =>
    task.kind === "script" ? task.lines.map((_, at) => `${task.name}/${at}`).reverse() : [],
  );
  return [
    ...tasks.map(({ name }) => name),
    ...timeline.map(({ id }) => id),
    ...faults.map((name) => `toggle ${name}`),
    ...lines,
  ];
}

/** The scenario without some of its parts. A step that waited for one of them waits for it no longer. */
export function without(scenario: Scenario, parts: readonly Part[]): Scenario {
  if (parts.length === 0) return scenario;
  const gone = new Set(parts);
  return {
    ...scenario,
    tasks: scenario.tasks
      .filter(({ name }) => !gone.has(name))
      .map((task) => (task.kind === "script" ? withoutLines(task, gone) : task)),
    timeline: scenario.timeline
      .filter(({ id }) => !gone.has(id))
      .map((step) => (step.wait ? { ...step, wait: step.wait.filter((id) => !gone.has(id)) } : step)),
    faults: scenario.faults.filter((name) => !gone.has(`toggle ${name}`)),
  };
}

function withoutLines(task: ScriptTaskSpec, gone: ReadonlySet<Part>): ScriptTaskSpec {
  return { ...task, lines: task.lines.filter((_, at) => !gone.has(`${task.name}/${at}`)) };
}
