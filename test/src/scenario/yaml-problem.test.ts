import { describe, expect, it } from "vitest";
import { formatProblem, parseScenario } from "../../../src/scenario/index.ts";
import { fakeCatalogue, fakeTraces } from "../fakes.ts";

function problemsOf(text: string): readonly string[] {
  const input = { file: "s.yaml", text, catalogue: fakeCatalogue, readTrace: fakeTraces };
  return (parseScenario(input).problems ?? []).map(formatProblem);
}

/** The mark ^ stands before the character at which the problem must be told, and is taken out. */
const CASES: readonly (readonly [what: string, marked: string, found: string, expected: string])[] = [
  ["a tab", "machine:\n^\tcpus: 1", "a tab", "spaces, because YAML is not indented with tabs"],
  ["an open {", "a: { b: 1\n^c: 2", '"c:"', "a } that closes the { further up"],
  ["an open [", "a: [1, 2^\n\n", "the end of the file", "a ] that closes the [ further up"],
  ["an open quote", 'a: "b\nc: 1^\n', "the end of the file", 'a " that ends the text which begins with one'],
  ["a bracket too much", "a: [1]^]", '"]"', "no bracket that closes, because none is open here"],
  ["no comma", "a: { b: ^1 c: 2 }", '"1"', "a comma between two entries, as everywhere inside { } and [ ]"],
  ["two commas", "a: [1,^, 2]", "a comma", "an entry between two commas"],
  ["no colon", "^name a\nb: 2", '"name"', "a colon and a space behind a key, such as name: value"],
  ["no colon at the end", "a: 1\n^b\n", '"b"', "a colon and a value behind this key"],
  ["two colons", "a: ^b: c", '"b:"', "one value; a text with a colon in it stands in quotes"],
  [
    "a line that is indented deeper than its value allows",
    "a: ^1\n  b: 2",
    '"1"',
    "a next line that is not indented deeper, because this value has ended",
  ],
  ["a line between two depths", "a:\n  b: 1\n ^c: 2", '"c:"', "the indentation of the entries above"],
  [
    "an apostrophe in single quotes",
    "a: 'it'^s'",
    '"s\'"',
    "nothing behind the quote that ends a text; inside of '…' it is written ''",
  ],
  ["a list that goes on as a map", "- a\n^b: 1", '"b:"', "nothing behind a value that has ended"],
  ["a sign of YAML", "a: ^@b", '"@b"', "quotes around a text that begins with @"],
  [
    "an escape",
    'a: "^\\q"',
    '"\\\\q\\""',
    'an escape such as \\n or \\", or single quotes, in which \\ is itself',
  ],
  ["a comment without a space", "a: [1]^#b", '"#b"', "a space before the # of a comment"],
  ["a text behind |", "a: |^b\n  c", '"b"', "the text of | or > on the lines below"],
  ["two scenarios", "a: 1\n^---\nb: 2", '"---"', "one scenario in a file"],
];

describe("a file that is no YAML", () => {
  it.each(CASES)(
    "is told what was found and expected, without words of a parser: %s",
    (...[, marked, found, expected]) => {
      const before = marked.slice(0, marked.indexOf("^"));
      const line = before.split("\n").length;
      const column = before.length - before.lastIndexOf("\n");
      const [problem, ...others] = problemsOf(marked.replace("^", ""));
      const [message, , marks] = problem!.split("\n");
      expect(message).toBe(`s.yaml:${line}:${column}: found ${found}, expected ${expected}`);
      expect(marks).toContain("^");
      expect(others).toEqual([]);
    },
  );

  it("is told the parser's own words where nobody has put it better", () => {
    expect(problemsOf("a: &x &y b")[0]).toMatch(
      /found "&y", expected YAML, whose parser says: A node can have/,
    );
  });

  it("is told once for each line", () => {
    const lines = problemsOf("a:\n\tb: 1\n\tc: 2\n").map((problem) => problem.split(":")[1]);
    expect(lines).toEqual(["2", "3"]);
  });
});

describe("an alias", () => {
  const seeds = (text: string): readonly string[] =>
    problemsOf(text).filter((problem) => /seed|\*/.test(problem.split("\n")[0]!));

  it("stands for what its anchor names", () => {
    expect(seeds("name: &n one\nseed: *n")).toEqual([]);
  });

  it("that nothing further up is called is told once, with the nearest anchor", () => {
    expect(seeds("name: &first one\nseed: *frist")).toEqual([
      's.yaml:2:7: found *frist (did you mean "*first"?), expected &frist before a value further up\n' +
        "  2 | seed: *frist\n" +
        "    |       ^^^^^^",
    ]);
  });

  it("cannot come before its anchor", () => {
    expect(seeds("seed: *n\nname: &n one")).toHaveLength(1);
  });
});
