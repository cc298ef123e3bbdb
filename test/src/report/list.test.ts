import { describe, expect, it } from "vitest";
import { listed, listKinds, listText } from "../../../src/report/index.ts";

describe("the list of what a scenario can name", () => {
  it("has every kind, none of them empty, and a sentence for every entry", () => {
    const all = listed(listKinds());
    for (const kind of listKinds()) {
      expect(all[kind]?.length, kind).toBeGreaterThan(0);
      for (const { name, summary } of all[kind]!) expect(summary.length, name).toBeGreaterThan(5);
    }
  });

  it("gives units, defaults and sources", () => {
    const text = listText(listed(["operations"]), 100);
    expect(text).toContain("32 MiB");
    expect(text).toContain("[integer, percent, 0 to 100,");
    expect(text).toContain("source: ");
  });

  it("fits the width it is given", () => {
    for (const line of listText(listed(listKinds()), 80).split("\n"))
      expect(line.length).toBeLessThanOrEqual(80);
  });
});
