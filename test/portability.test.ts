import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { portableRun } from "./support/portable-entry.ts";

/** What a bare JavaScript engine might do differently, or does not have. */
const REMOVE = `
  for (const name of ["sin", "cos", "tan", "exp", "log", "log2", "log10", "pow", "cbrt", "hypot", "random"]) delete Math[name];
  delete globalThis.Date;
  delete globalThis.Intl;
`;

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: {
        entry: join(import.meta.dirname, "support/portable-entry.ts"),
        formats: ["iife"],
        name: "portable",
        fileName: "portable",
      },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !("output" in output)) throw new Error("vite made no bundle");
  return output.output[0].code;
}

describe("the simulator without Node", () => {
  let code = "";
  beforeAll(async () => {
    code = await bundle();
  }, 60_000);

  it("imports nothing", () => {
    expect(code).not.toMatch(/^\s*import\b|["']node:/m);
  });

  it("gives the same result in a bare context with inexact functions, Date and Intl removed", () => {
    const context = createContext({});
    runInContext(REMOVE, context);
    runInContext(code, context);
    expect(runInContext("portable.portableRun()", context)).toBe(portableRun());
  });
});
