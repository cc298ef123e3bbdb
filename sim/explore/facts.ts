import type { Machine } from "../machine.ts";
import { entryOf, isPresent, isSwapped, isZeroPage } from "../mm/index.ts";

/** What is so at one instant, by what it is about. */
export type Facts = ReadonlyMap<string, string>;

/** Something that a step changed. Undefined: it was not there before, or is not any more. */
export interface Change {
  readonly about: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What can be told of a machine in words: its filesystem, the pages of its tasks, and where their slots lie. */
export function factsOf(machine: Machine): Facts {
  const facts = new Map(machine.filesystem?.facts?.() ?? []);
  for (const task of machine.mm.tasks) {
    const name = machine.owners.get(machine.mm.ownerIds[task.id]!).name;
    for (let page = 0; page < task.pages; page++) {
      facts.set(`page ${page} of ${name}`, stateOfPage(machine, task.pte(page)));
    }
  }
  return facts;
}

function stateOfPage({ swap }: Machine, pte: number): string {
  if (isPresent(pte)) return isZeroPage(pte) ? "zeroes" : "in memory";
  if (!isSwapped(pte)) return "not there";
  const entry = entryOf(pte);
  const area = swap.areaOf(entry);
  const slot = entry - area.base;
  // Only a block list is kept by swap; through a filesystem the place is what the file says at the moment.
  const place = area.transport.mapping ? area.transport.placeOf(slot) : undefined;
  const where = place ? `, ${place.device.name} block ${place.block}` : "";
  return `slot ${slot} of ${area.name}${where}${swap.lookup(entry) >= 0 ? " and in the swap cache" : ""}`;
}

export function changesBetween(before: Facts, after: Facts): readonly Change[] {
  const changes: Change[] = [];
  for (const [about, value] of after) {
    if (before.get(about) !== value) changes.push({ about, before: before.get(about), after: value });
  }
  for (const [about, value] of before) {
    if (!after.has(about)) changes.push({ about, before: value, after: undefined });
  }
  return changes;
}
