import { type AccessSource, type MemoryTaskSpec, REFERENCES_MAX, type TaskSpec } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Fields, Value } from "./document.ts";

/**
 * A reclaim policy that knows the future needs accesses that are the same whatever the machine does, and that end:
 * those of one task, so many of them.
 */
export function checkForesight(top: Fields, tasks: readonly TaskSpec[], catalogue: Catalogue): void {
  const reclaim = fieldsOf(top.get("machine"))?.get("reclaim");
  if (!reclaim || !catalogue.reclaimPolicies.get(reclaim.text)?.needsFuture) return;
  const named = fieldsOf(top.get("tasks"));
  // A task that was left out has a problem already, and without it nothing can be said of the others.
  if (!named || named.all.length > tasks.length) return;
  const touching = tasks.filter((task) => task.kind === "memory");
  const [task] = touching;
  if (!task || touching.length > 1) {
    reclaim.report(
      `one task that touches memory: ${reclaim.text} must know the order of all accesses, and that of several tasks depends on timing`,
      { found: `${reclaim.text} with ${touching.length} tasks` },
    );
    return;
  }
  const fields = fieldsOf(named.get(task.name));
  if (fields) checkLength(fields, task, reclaim.text);
}

/** The accesses of the task have an end and fit into memory. */
function checkLength(fields: Fields, task: MemoryTaskSpec, policy: string): void {
  const why = `because ${policy} must know all accesses in advance`;
  if (!fields.has("trace") && !fields.has("accesses")) {
    fields.reportMissing("accesses", `a number of accesses, ${why}`);
    return;
  }
  if (!Number.isFinite(task.repeat)) {
    fields.get("repeat")?.report(`a whole number, ${why}`);
    return;
  }
  const source = task.open();
  const inRun = fields.has("trace") ? countAccesses(source) : Number(fields.get("accesses")?.scalar);
  const accesses = inRun * task.repeat + (task.init ? source.pages : 0);
  if (accesses <= REFERENCES_MAX) return;
  const place = fields.get("accesses") ?? fields.get("repeat") ?? fields.owner;
  place.report(`at most ${REFERENCES_MAX} accesses in all, ${why}`, { found: `${accesses} accesses` });
}

function countAccesses(source: AccessSource): number {
  const batch = new Uint32Array(65_536);
  let accesses = 0;
  for (let count = source.fill(batch); count > 0; count = source.fill(batch)) accesses += count;
  return accesses;
}

function fieldsOf(value: Value | undefined): Fields | undefined {
  return value?.isMap ? value.map("a map") : undefined;
}
