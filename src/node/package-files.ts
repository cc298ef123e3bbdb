import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordedTraces } from "../../workloads/index.ts";
import type { ShippedFiles, ShippedScenario } from "../cli/index.ts";

const YAML = ".yaml";

/** A file of the package by its path from the root: of the installed package or of the source tree. */
export function packageFile(path: string): string {
  // The bundled command lies less deep than its source, so the root is looked for and not counted.
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, "package.json")) && dirname(root) !== root) root = dirname(root);
  return join(root, path);
}

/** A recorded program of the package by its file name; undefined if there is none of that name. */
export function shippedTrace(name: string): string | undefined {
  const isRecorded = recordedTraces.some(({ file }) => file === name);
  return isRecorded ? packageFile(`workloads/traces/recorded/${name}`) : undefined;
}

function scenarios(): readonly ShippedScenario[] {
  const folder = packageFile("workloads/scenarios");
  return readdirSync(folder)
    .filter((file) => file.endsWith(YAML))
    .toSorted()
    .map((file) => ({
      name: file.slice(0, -YAML.length),
      text: readFileSync(join(folder, file), "utf8"),
    }));
}

/** What the package brings along, read when it is asked for. */
export const shippedFiles: ShippedFiles = {
  bugs: () => packageFile("workloads/bugs"),
  conformance: () => packageFile("workloads/conformance"),
  scenarios,
  starter: () => readFileSync(packageFile("workloads/starter.yaml"), "utf8"),
};
