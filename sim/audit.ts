import type { Machine } from "./machine.ts";
import { entryOf, isSwapped, NO_FRAME } from "./mm/index.ts";

/**
 * The end of a run: looks, without any simulated time, at every page that lies in a slot and at every block of every
 * file, and lets the oracle compare. Harm that nobody happened to read is found here. A power loss leaves no pages.
 */
export function audit(machine: Machine): void {
  if (!machine.powerLost) auditPages(machine);
  auditFiles(machine);
}

function auditPages({ mm, pageOracle, swap }: Machine): void {
  for (const task of mm.tasks) {
    for (let page = 0; page < task.pages; page++) {
      const pte = task.pte(page);
      // A page in the swap cache is judged when it is mapped; its slot may still be being written.
      if (!isSwapped(pte) || swap.lookup(entryOf(pte)) !== NO_FRAME) continue;
      pageOracle.audit(task.id, page, entryOf(pte));
    }
  }
}

function auditFiles({ filesystem, fileOracle }: Machine): void {
  filesystem?.forEachBlock((file, block, place, copies = []) => {
    const found = place.device.contents.at(place.block);
    fileOracle.read(file.owner, block, found, place);
    for (const copy of copies) {
      fileOracle.compareMirrors(file.owner, block, found, copy.device.contents.at(copy.block), copy);
    }
  });
}
