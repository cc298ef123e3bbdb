import { COSTS, type Scenario } from "../../sim/index.ts";
import { type FieldDeclarations, readDeclared } from "./declared.ts";
import type { Fields } from "./document.ts";

/** `costs` of the scenario: CPU times instead of the usual ones. */
export const COST_FIELDS: FieldDeclarations = Object.fromEntries(
  Object.entries(COSTS).map(([name, { meaning, source }]) => [
    name,
    {
      type: "duration",
      optional: true,
      min: 0,
      meaning: `CPU time: ${meaning} (${source ?? "an estimate"})`,
    },
  ]),
);

/** CPU times that the scenario or the command line changes; undefined if none. */
export function readCosts(top: Fields, settings: Fields | undefined): Scenario["machine"]["costs"] {
  const expected = "CPU times by step, such as costs: { swapIn: 3us } (pagestorm list costs)";
  const given = [top, ...(settings ? [settings] : [])].flatMap((fields) => {
    const map = fields.get("costs")?.map(expected);
    map?.rejectUnknown(Object.keys(COST_FIELDS));
    return map ? [readDeclared(map, COST_FIELDS)] : [];
  });
  return given.length === 0 ? undefined : Object.assign({}, ...given);
}
