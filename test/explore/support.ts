import { readFileSync } from "node:fs";
import { type Scenario, type StrategyVariant, searches } from "../../sim/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { parseScenario } from "../../src/scenario/index.ts";

/** A scenario to explore and one of its variants. */
export interface Scene {
  readonly scenario: Scenario;
  readonly variant: StrategyVariant;
}

/** Reads a scenario; `broken` takes the fix of its bug out. */
export function scene(text: string, strategy: string, options: { broken?: boolean } = {}): Scene {
  const { scenario, problems } = parseScenario({
    file: "scene.yaml",
    text,
    catalogue,
    readTrace: () => ({ found: "a trace", expected: "none" }),
    strategies: { names: strategy, option: "--strategy" },
  });
  if (!scenario) throw new Error(JSON.stringify(problems));
  const { off = [], on = [] } = scenario.bug?.fix ?? {};
  const faults = [...scenario.faults, ...(options.broken ? off : on)];
  return { scenario: { ...scenario, faults }, variant: scenario.strategies[0]! };
}

export const shipped = (name: string): string =>
  readFileSync(new URL(`../../workloads/explore/${name}.yaml`, import.meta.url), "utf8");

/** A machine so small that all its schedules can be tried: tasks and steps are added. */
export function tiny(parts: {
  tasks?: string;
  timeline?: string;
  strategies?: string;
  swap?: string;
}): string {
  const { tasks = "", timeline = "", strategies = "[pinned, bmap, direct-io]" } = parts;
  return `
name: tiny
machine: { memory: 8MiB, cpus: 2 }
storage:
  vda: { model: hdd-7200, size: 256MiB }
filesystem:
  type: btrfs
  devices: [vda]
  files:
    /swapfile: { size: 64KiB, nocow: true }
    /db: { size: 64KiB }
swap: [{ path: /swapfile }]
strategies: ${strategies}
${tasks === "" ? "" : `tasks:\n${tasks}`}
duration: 60s
${timeline === "" ? "" : `timeline:\n${timeline}`}
`;
}

export const searchNamed = (name: string) => searches.require(name);
