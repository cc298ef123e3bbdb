import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { traceReader } from "../../../src/node/trace-files.ts";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";

const folder = fileURLToPath(new URL("../../../workloads/scenarios/", import.meta.url));

it.each(readdirSync(folder).filter((name) => name.endsWith(".yaml")))("%s has no problem", (name) => {
  const file = folder + name;
  const text = readFileSync(file, "utf8");
  const { problems } = parseScenario({ file, text, catalogue, readTrace: traceReader(file) });
  expect(problems?.map(formatProblem)).toBeUndefined();
});
