import { type Actor, type Duration, sleep, step } from "../../engine/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { exitThread } from "../exit-mm.ts";
import type { MemoryManager } from "../memory-manager.ts";
import { pageoutPage } from "../reclaim/pageout-page.ts";
import { payCpu } from "./pay-cpu.ts";
import { tryAccess } from "./try-access.ts";

/** One line of a script. */
export type ScriptLine =
  | { readonly do: "load" | "store" | "pageout"; readonly page: number; readonly pages: number }
  | { readonly do: "sleep"; readonly duration: Duration };

/**
 * A program that does what a list says, line by line, for machines so small that each step counts: `load` and `store`
 * touch pages, `pageout` makes the kernel take them away, `sleep` waits. It ends with its memory given back.
 */
export function* scriptTask(mm: MemoryManager, space: AddressSpace, lines: readonly ScriptLine[]): Actor {
  mm.psi.beginWork();
  for (const line of lines) {
    yield step(labelOf(line), space);
    yield* run(mm, space, line);
    if (space.death) break;
  }
  yield* payCpu(mm, space);
  mm.psi.endWork();
  yield* exitThread(mm, space);
}

function labelOf(line: ScriptLine): string {
  if (line.do === "sleep") return line.do;
  const last = line.page + line.pages - 1;
  return `${line.do} ${line.pages > 1 ? `pages ${line.page}-${last}` : `page ${line.page}`}`;
}

function* run(mm: MemoryManager, space: AddressSpace, line: ScriptLine): Actor {
  if (line.do === "sleep") {
    yield sleep("nanosleep", line.duration);
    return;
  }
  for (let page = line.page; page < line.page + line.pages && !space.death; page++) {
    if (line.do === "pageout") yield* pageoutPage(mm, space, page);
    else yield* access(mm, space, page, line.do === "store");
  }
}

/** A load or a store: as often as it takes until the page is there. */
function* access(mm: MemoryManager, space: AddressSpace, page: number, write: boolean): Actor {
  for (;;) {
    const fault = tryAccess(mm, space, page, write);
    if (fault === undefined) return;
    mm.psi.endWork();
    space.owed += typeof fault === "number" ? fault : yield* fault;
    mm.psi.beginWork();
  }
}
