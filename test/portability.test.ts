import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./support/bundle.ts";
import { portableRun } from "./support/portable-entry.ts";

/** What a bare JavaScript engine might do differently, or does not have. */
const REMOVE = `
  for (const name of ["sin", "cos", "tan", "exp", "log", "log2", "log10", "pow", "cbrt", "hypot", "random"]) delete Math[name];
  delete globalThis.Date;
  delete globalThis.Intl;
`;

describe("the simulator without Node", () => {
  let code = "";
  beforeAll(async () => {
    code = await bundle("portable-entry.ts", "portable");
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
