import { join } from "node:path";
import { build } from "vite";

/** A file of this folder with all that it imports as one classic script, which defines `name`. */
export async function bundle(file: string, name: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: join(import.meta.dirname, file), formats: ["iife"], name, fileName: name },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !("output" in output)) throw new Error("vite made no bundle");
  return output.output[0].code;
}
