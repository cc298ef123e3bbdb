import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { catalogue } from "../../../src/catalogue.ts";
import { type Catalogue, scenarioSchema } from "../../../src/scenario/index.ts";
import { fakeCatalogue, GOOD_SCENARIO } from "../fakes.ts";

function validatorFor(names: Catalogue): (text: string) => boolean {
  const schema = z.fromJSONSchema(scenarioSchema(names) as Parameters<typeof z.fromJSONSchema>[0]);
  return (text) => schema.safeParse(parse(text)).success;
}

const acceptsFake = validatorFor(fakeCatalogue);
const acceptsReal = validatorFor(catalogue);

describe("the JSON Schema of scenario files", () => {
  it("is draft 2020-12 and describes what each key means", () => {
    const schema = scenarioSchema(fakeCatalogue);
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(JSON.stringify(schema)).toContain("vm.swappiness");
  });

  it("accepts a scenario with everything in it", () => {
    expect(acceptsFake(GOOD_SCENARIO)).toBe(true);
  });

  it.each([
    ["machine:", "machin:"],
    ["memory: 64MiB", "memori: 64MiB"],
    ["64MiB", "64MB"],
    ["duration: 90s", "duration: 90"],
    ["rate: 2000/s", "rate: 2000"],
    ["cpus: 2", "cpus: 1025"],
    ["hotcold", "hotcol"],
    ["hot: 0.2", "hot: 2"],
    ["[bmap,", "[bmpa,"],
    ["file: cow", "file: cwo"],
    ["do: balance", "do: balanse"],
    ["usage: 50", "usge: 50"],
    ["bmap: corrupt", "bmap: corupt"],
    ["expect: ok", "expect: okay"],
    ["name: small\n", ""],
  ])("refuses %s -> %s", (from, to) => {
    expect(GOOD_SCENARIO).toContain(from);
    expect(acceptsFake(GOOD_SCENARIO.replace(from, to))).toBe(false);
  });

  it.each(["balance-under-pressure", "nearly-full-disk", "idle-control"])(
    "accepts the shipped %s",
    (name) => {
      const file = new URL(`../../../workloads/scenarios/${name}.yaml`, import.meta.url);
      expect(acceptsReal(readFileSync(file, "utf8"))).toBe(true);
    },
  );
});
