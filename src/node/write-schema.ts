import { writeFileSync } from "node:fs";
import { catalogue } from "../catalogue.ts";
import { scenarioSchema } from "../scenario/index.ts";

/** `npm run schema`: writes the JSON Schema of scenario files where editors find it. A test holds it up to date. */
writeFileSync("docs/scenario.schema.json", `${JSON.stringify(scenarioSchema(catalogue), undefined, 2)}\n`);
