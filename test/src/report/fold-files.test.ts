import { describe, expect, it } from "vitest";
import { foldFiles, restOf } from "../../../src/report/fold-files.ts";

/** So many files of growing size, in blocks. */
const files = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `/${at}`, size: at + 1 }));

describe("a list of files", () => {
  it("shows all of a few", () => {
    expect(foldFiles(files(40))).toEqual({ shown: files(40), rest: [] });
  });

  it("shows the largest of many, in their order, and counts the rest", () => {
    const { shown, rest } = foldFiles(files(100));
    expect(shown).toEqual(files(100).slice(60));
    expect(restOf(rest)).toEqual(["and 60 more files", "7.15 MiB"]);
  });

  it("shows first what changed, however small it is", () => {
    const { shown } = foldFiles(files(100), ({ size }) => size === 1);
    expect(shown.map(({ name }) => name)).toContain("/0");
    expect(shown).toHaveLength(40);
  });
});
