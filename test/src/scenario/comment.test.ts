import { describe, expect, it } from "vitest";
import { commentOnTop } from "../../../src/scenario/index.ts";

describe("the comment on top of a scenario", () => {
  it("is read without its marks and the line for editors, paragraph by paragraph", () => {
    const text =
      "# yaml-language-server: $schema=x.json\n#\n# A title\n#\n# Two\n#   lines.\n\n# Of the name.\nname: a\n# Later\n";
    expect(commentOnTop(text)).toBe("A title\n\nTwo\n  lines.");
  });

  it("is empty where a file begins with something else, and all of a file that is nothing else", () => {
    expect(commentOnTop("name: a # one\n# two\n")).toBe("");
    expect(commentOnTop("")).toBe("");
    expect(commentOnTop("# one\n# two")).toBe("one\ntwo");
  });
});
