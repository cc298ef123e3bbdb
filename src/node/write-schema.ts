import { writeFileSync } from "node:fs";
import { catalogue } from "../catalogue.ts";
import { resultJsonSchema } from "../experiments/index.ts";
import { scenarioSchema } from "../scenario/index.ts";

/** `npm run schema`: writes the JSON Schemas where editors and scripts find them. A test holds them up to date. */
function write(file: string, schema: object): void {
  writeFileSync(`docs/${file}`, `${JSON.stringify(schema, undefined, 2)}\n`);
}

write("scenario.schema.json", scenarioSchema(catalogue));
write("result.schema.json", resultJsonSchema());
