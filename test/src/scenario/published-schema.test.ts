import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { catalogue } from "../../../src/catalogue.ts";
import { resultJsonSchema } from "../../../src/experiments/index.ts";
import { scenarioSchema } from "../../../src/scenario/index.ts";

it.each([
  ["scenario.schema.json", () => scenarioSchema(catalogue)],
  ["result.schema.json", resultJsonSchema],
])("docs/%s is that of this version (npm run schema writes it)", (file, schema) => {
  const published = readFileSync(`${import.meta.dirname}/../../../docs/${file}`, "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(schema())));
});
