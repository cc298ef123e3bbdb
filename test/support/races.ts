import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BugSpec, explore, type Scenario, type StrategyVariant, searches } from "../../sim/index.ts";
import { catalogue } from "../../src/catalogue.ts";
import { parseScenario, withFix } from "../../src/scenario/index.ts";

const WORKLOADS = join(import.meta.dirname, "../../workloads");

/** A known bug as it is explored under one strategy, without and with its fix. */
export interface Race {
  readonly name: string;
  readonly bug: BugSpec;
  readonly variant: StrategyVariant;
  readonly broken: Scenario;
  readonly fixed: Scenario;
}

/** Every bug that a search finds, under each of its strategies: those of workloads/explore, and those with a schedule. */
export const races: readonly Race[] = ["explore", "bugs"]
  .flatMap((folder) => readdirSync(join(WORKLOADS, folder)).map((name) => ({ folder, name })))
  .filter(({ name }) => name.startsWith("KB-"))
  .toSorted((a, b) => a.name.localeCompare(b.name, "en"))
  .flatMap(({ folder, name }) => {
    const text = readFileSync(join(WORKLOADS, folder, name), "utf8");
    const readTrace = () => ({ found: "a trace", expected: "none" });
    const { scenario } = parseScenario({ file: name, text, catalogue, readTrace });
    if (!scenario?.bug) throw new Error(`${name} is no scenario of a bug`);
    if (folder === "bugs" && !scenario.bug.schedule) return [];
    const { bug, strategies } = scenario;
    return strategies.map((variant) => ({
      name: `${bug.id} under ${variant.name}`,
      bug,
      variant,
      broken: withFix(scenario, "off"),
      fixed: withFix(scenario, "on"),
    }));
  });

/** What is wrong with the claim that all schedules up to a bound hold with the fix on, and show that swap works. */
export function objections({ bug, fixed, variant }: Race, bound: number, schedules: number): string[] {
  const bounded = searches.require("bounded");
  const { complete, violation, pagesBack, answeredOk } = explore(fixed, variant, bounded, {
    bound,
    schedules,
  });
  const { witness } = bug;
  return [
    ...(violation ? [`it violates ${violation.invariant}: ${violation.what}`] : []),
    ...(complete || violation ? [] : [`there are more than ${schedules} schedules`]),
    ...(pagesBack < witness.pagesBack ? [`${pagesBack} pages came back`] : []),
    ...witness.ok.filter((id) => !answeredOk.includes(id)).map((id) => `${id} never answered ok`),
  ];
}
