import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { scenarioSchema } from "../../../src/scenario/index.ts";

it("the published JSON Schema is that of this version (npm run schema writes it)", () => {
  const published = readFileSync(`${import.meta.dirname}/../../../docs/scenario.schema.json`, "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(scenarioSchema(catalogue))));
});
