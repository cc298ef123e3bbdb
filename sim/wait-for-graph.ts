import type { Engine, Holdable, Process } from "./engine/index.ts";

function isHoldable(object: object | undefined): object is Holdable {
  return object !== undefined && "holders" in object;
}

/** A cycle of processes that each wait for a lock the next one holds, in words; undefined if there is none. */
export function findCycle(engine: Engine): string | undefined {
  for (const start of engine.processes) {
    const path: Process[] = [];
    let process: Process | undefined = start;
    while (process?.state === "parked" && !path.includes(process)) {
      path.push(process);
      process = isHoldable(process.waitsFor) ? process.waitsFor.holders()[0] : undefined;
    }
    if (process && path.includes(process)) return describe(path.slice(path.indexOf(process)));
  }
  return undefined;
}

function describe(cycle: readonly Process[]): string {
  const links = cycle.map((process) => {
    const lock = isHoldable(process.waitsFor) ? process.waitsFor.name : "?";
    return `${process.name} waits in ${process.label} for ${lock}`;
  });
  return `dead-lock: ${links.join("; ")}`;
}
