import { join } from "node:path";
import { expect } from "vitest";
import type { Scenario } from "../../../sim/index.ts";
import { catalogue } from "../../../src/catalogue.ts";
import type { ShippedScenario } from "../../../src/cli/index.ts";
import { shippedFiles } from "../../../src/node/package-files.ts";
import { traceReader } from "../../../src/node/trace-files.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

export const FOLDER: string = join(import.meta.dirname, "../../../workloads/scenarios");
export const shipped: readonly ShippedScenario[] = shippedFiles.scenarios();

/** The scenario, which has no problem. */
export function read(file: string, text: string): Scenario {
  const { scenario, problems } = parseScenario({
    file,
    text,
    catalogue,
    readTrace: traceReader(join(FOLDER, file)),
  });
  expect(problems?.map(formatProblem)).toBeUndefined();
  return scenario!;
}

export const scenarioOf = (name: string): Scenario =>
  read(`${name}.yaml`, shipped.find((each) => each.name === name)!.text);
