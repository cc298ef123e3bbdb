import type { Actor } from "./engine/index.ts";
import type { Machine } from "./machine.ts";
import { PoolPages } from "./mm/index.ts";
import type { SwapSpec } from "./scenario.ts";
import { makeSwap, swapon } from "./swap/index.ts";

/** Makes all swap areas of the scenario and switches them on, in order; stops at the first refusal and tells it. */
export function* switchSwapOn(machine: Machine): Actor<string | undefined> {
  for (const spec of machine.scenario.swap) {
    const refusal = yield* swaponOne(machine, spec);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function* swaponOne(machine: Machine, spec: SwapSpec): Actor<string | undefined> {
  const { target, pages, name } = machine.swapTarget(spec);
  const owner = target.kind === "file" ? target.file.owner : machine.owners.add("header", name).id;
  const transport = machine.strategy.open(
    {
      engine: machine.engine,
      processors: machine.processors,
      target,
      poolPages: new PoolPages(machine.mm),
      owner,
      faults: machine.faults,
      observer: {
        wroteRaw: (device, block, content, slot) =>
          machine.fileOracle.wroteRaw(owner, { device, block }, content, slot),
      },
    },
    machine.variant.options,
  );
  const result = yield* swapon(machine.engine, machine.swap, {
    name,
    header: makeSwap(Math.min(spec.headerPages ?? pages, pages)),
    targetPages: pages,
    isRegularFile: target.kind === "file",
    priority: spec.priority,
    transport,
    ...(target.kind === "file" && {
      markSwapFile: (active: boolean) => target.fs.markSwapFile(target.file, active),
    }),
  });
  machine.logLine(result.message);
  return result.errno === undefined ? undefined : `${result.errno}, ${result.message}`;
}
