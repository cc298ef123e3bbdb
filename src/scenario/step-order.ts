import type { Fields, Value } from "./document.ts";
import { inARow, nearest } from "./nearest.ts";

/** A step that must end first, and where the file says so. */
interface Wait {
  readonly id: string;
  readonly at: Value;
}

/** Names of the steps, and which of them waits for which. */
export class StepOrder {
  /** Ids as given or made, in the order of the file. */
  readonly ids: readonly string[];
  readonly #waits: readonly (readonly Wait[])[];

  constructor(steps: readonly Fields[]) {
    this.ids = idsOf(steps);
    this.#waits = steps.map((step, index) => [
      ...waitsIn(step.get("after")),
      ...waitsIn(step.get("wait")),
      ...this.#stepBefore(step, index),
    ]);
    this.#checkNames();
    this.#checkCycles();
  }

  /** Ids of the steps that must end before this one. */
  waitsOf(step: number): readonly string[] {
    return this.#waits[step]!.map(({ id }) => id);
  }

  /** A step that says nothing about when it begins goes on where the one before ended. */
  #stepBefore(step: Fields, index: number): readonly Wait[] {
    if (index === 0 || ["at", "after", "when", "wait"].some((name) => step.has(name))) return [];
    return [{ id: this.ids[index - 1]!, at: step.owner }];
  }

  #checkNames(): void {
    for (const { id, at } of this.#waits.flat()) {
      if (this.ids.includes(id)) continue;
      const suggestion = nearest(id, this.ids);
      at.report(`the id of a step: ${inARow(this.ids, suggestion)}`, {
        found: JSON.stringify(id),
        suggestion,
      });
    }
  }

  /** Reports each circle once, at the first of its steps in the file. */
  #checkCycles(): void {
    const reported = new Set<string>();
    for (const [step, waits] of this.#waits.entries()) {
      const id = this.ids[step]!;
      for (const wait of waits) {
        const path = this.#pathTo(id, wait.id, [id]);
        if (!path || path.some((name) => reported.has(name))) continue;
        for (const name of path) reported.add(name);
        wait.at.report("steps that do not wait for each other in a circle", {
          found: `a circle: ${[...path, id].join(" waits for ")}`,
        });
      }
    }
  }

  /** The steps from `from` on, each waiting for the next, up to one that waits for `goal`. */
  #pathTo(goal: string, from: string, path: readonly string[]): readonly string[] | undefined {
    if (from === goal) return path;
    if (path.includes(from)) return undefined;
    const waits = this.#waits[this.ids.indexOf(from)] ?? [];
    for (const { id } of waits) {
      const found = this.#pathTo(goal, id, [...path, from]);
      if (found) return found;
    }
    return undefined;
  }
}

/** One id, or a list of them. */
function waitsIn(value: Value | undefined): readonly Wait[] {
  if (!value) return [];
  const items = value.isList ? value.list("ids of steps")! : [value];
  return items.map((at) => ({ id: at.text, at }));
}

/** The given ids, which must be unique, else the operation's name, with a number from the second on. */
function idsOf(steps: readonly Fields[]): readonly string[] {
  const taken = new Set<string>();
  for (const step of steps) {
    const id = step.get("id");
    if (!id) continue;
    if (taken.has(id.text)) id.report("each id once", { found: `${JSON.stringify(id.text)} a second time` });
    taken.add(id.text);
  }
  return steps.map((step) => {
    const given = step.get("id");
    if (given) return given.text;
    const operation = step.get("do")?.text ?? "step";
    let id = operation;
    for (let number = 2; taken.has(id); number++) id = `${operation}-${number}`;
    taken.add(id);
    return id;
  });
}
