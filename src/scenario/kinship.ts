import type { MemoryTaskSpec, ScriptTaskSpec, TaskSpec } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Fields, Value } from "./document.ts";

/** Tasks that may have come from one by fork: a slot counts its users in six bits, 62 at most. */
const FAMILY_MAX = 62;

type InMemory = MemoryTaskSpec | ScriptTaskSpec;

const isInMemory = (task: TaskSpec): task is InMemory => task.kind !== "writer";

const pagesOf = (task: InMemory): number => (task.kind === "script" ? task.pages : task.open().pages);

/** The two ways to begin with the memory of another task. */
type Bond = "threadOf" | "forkOf";

/**
 * A thread has the memory of a task that was made before, and a fork begins with it; neither touches a page that is not
 * there. What is wrong is reported where the other one is named.
 */
export function checkKinship(task: TaskSpec, before: readonly TaskSpec[], value: Value): void {
  if (!isInMemory(task)) return;
  const fields = value.map("a task");
  const thread = fields?.get("threadOf");
  const fork = fields?.get("forkOf");
  if (thread && fork) fork.report("either threadOf or forkOf", { found: "both" });
  else if (thread) checkBond("threadOf", task, before, thread);
  else if (fork) checkFork(task, before, fork);
}

function checkFork(task: InMemory, before: readonly TaskSpec[], field: Value): void {
  checkBond("forkOf", task, before, field);
  const root = rootOf(task, before);
  const family = before.filter(isInMemory).filter((other) => rootOf(other, before) === root);
  if (family.length < FAMILY_MAX) return;
  field.report(`at most ${FAMILY_MAX} tasks that come from one by fork`, { found: "one more" });
}

/** The first task of the family, by name. */
function rootOf(task: InMemory, all: readonly TaskSpec[]): string {
  const parent = task.forkOf ?? task.threadOf;
  const found = all.filter(isInMemory).find(({ name }) => name === parent && name !== task.name);
  return found ? rootOf(found, all.slice(0, all.indexOf(found))) : task.name;
}

function checkBond(bond: Bond, task: InMemory, before: readonly TaskSpec[], field: Value): void {
  const owners = before.filter(isInMemory).filter(({ threadOf }) => threadOf === undefined);
  const owner = owners.find(({ name }) => name === task[bond]);
  const kind = bond === "threadOf" ? "thread" : "fork";
  if (!owner) {
    const names = owners.map(({ name }) => name);
    field.report(`a task further up that has memory of its own: ${names.join(", ") || "there is none"}`);
  } else if (pagesOf(task) > sizeOf(owner, before)) {
    field.report(`a ${kind} that touches no more pages than ${owner.name} has`, {
      found: `${pagesOf(task)} pages, and ${sizeOf(owner, before)} of ${owner.name}`,
    });
  } else if (bond === "forkOf" && task.start < owner.start) {
    field.report(`a fork that starts after ${owner.name} does`);
  }
}

/** Pages of a task's memory: a fork has as many as its parent, whatever it touches of them. */
function sizeOf(task: InMemory, before: readonly TaskSpec[]): number {
  const parent = task.forkOf && before.filter(isInMemory).find(({ name }) => name === task.forkOf);
  return parent ? sizeOf(parent, before.slice(0, before.indexOf(parent))) : pagesOf(task);
}

/** Page-replacement policies know each page by one task and number, so that they cannot have a shared one. */
export function checkForks(top: Fields, tasks: readonly TaskSpec[], catalogue: Catalogue): void {
  const reclaim = mapOf(top.get("machine"))?.get("reclaim");
  if (!reclaim || !catalogue.reclaimPolicies.get(reclaim.text)?.numbersPages) return;
  const fork = tasks.filter(isInMemory).find(({ forkOf }) => forkOf !== undefined);
  if (!fork) return;
  reclaim.report("a reclaim policy of the kernel: the others cannot have pages that a fork shares", {
    found: `${reclaim.text}, and ${fork.name} is a fork of ${fork.forkOf}`,
  });
}

function mapOf(value: Value | undefined): Fields | undefined {
  return value?.isMap ? value.map("a map") : undefined;
}
