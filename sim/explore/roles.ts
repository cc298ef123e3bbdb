import { hashText, type Process } from "../engine/index.ts";
import type { Scenario } from "../scenario.ts";

const known = new WeakMap<Scenario, Roles>();

/** The roles of a scenario, which are the same in each of its schedules. */
export function rolesOf(scenario: Scenario): Roles {
  const roles = known.get(scenario) ?? new Roles(scenario);
  known.set(scenario, roles);
  return roles;
}

/**
 * What a process is, whatever it is called: two tasks with the same script, or two steps that do the same, may change
 * places, and so may the channels of a device.
 */
export class Roles {
  readonly #byName = new Map<string, number>();

  constructor({ tasks, timeline }: Scenario) {
    for (const task of tasks) {
      const { name, ...rest } = task;
      this.#byName.set(name, hashText(task.kind === "memory" ? name : JSON.stringify(rest)));
    }
    for (const { id, expect: _, ...rest } of timeline) this.#byName.set(id, hashText(JSON.stringify(rest)));
  }

  of({ name, forgetful }: Process): number {
    return this.#byName.get(name) ?? hashText(forgetful ? name.replace(/\/\d+$/, "") : name);
  }
}
