import type { YAMLParseError } from "yaml";
import type { Problem } from "./problem.ts";

/** What is wrong with the form of a file, and where. */
export interface YamlProblem extends Pick<Problem, "found" | "expected"> {
  readonly offset: number;
}

/** The place of an error. */
interface Place {
  readonly text: string;
  readonly offset: number;
}

type Explanation = readonly [
  message: RegExp,
  expected: string | ((match: RegExpExecArray, place: Place) => string),
  found?: string,
];

/** What the messages of the parser, which speak of its own parts, mean for somebody who writes a file. */
const EXPLANATIONS: readonly Explanation[] = [
  [/^Tabs are not allowed/, "spaces, because YAML is not indented with tabs", "a tab"],
  [/^Missing closing (.)/, ([, quote]) => `a ${quote} that ends the text which begins with one`],
  [/end with a (.)$/, ([, end]) => `a ${end} that closes the ${end === "}" ? "{" : "["} further up`],
  [/^Block collections are not allowed/, "a comma between two entries, as everywhere inside { } and [ ]"],
  [/^Missing , /, "a comma between two entries, as everywhere inside { } and [ ]"],
  [/^Unexpected , in/, "an entry between two commas", "a comma"],
  [/^Unexpected flow-(?:map|seq)-end/, "no bracket that closes, because none is open here"],
  [/^Unexpected \S+ (?:at node end|token in YAML stream)/, (_, place) => afterTheEnd(place)],
  [/^Nested mappings are not allowed|^Implicit keys need/, (_, place) => notOneValue(place)],
  [/^Implicit map keys need/, "a colon and a value behind this key"],
  [/^All (?:mapping|sequence) items must/, "the indentation of the entries above"],
  [/^Plain value cannot start with .*(.)$/, ([, sign]) => `quotes around a text that begins with ${sign}`],
  [/^Invalid escape sequence/, 'an escape such as \\n or \\", or single quotes, in which \\ is itself'],
  [/multiple documents/, "one scenario in a file"],
  [/^Comments must be separated/, "a space before the # of a comment"],
  [/^Block scalar header/, "the text of | or > on the lines below"],
];

/** The problems of a file that is no YAML: of each line the first, because more of them only follow from it. */
export function yamlProblems(text: string, errors: readonly YAMLParseError[]): readonly YamlProblem[] {
  const lines = new Set<number>();
  return errors.flatMap((error) => {
    const problem = problemOf(text, error);
    if (error.code === "DUPLICATE_KEY") return [problem];
    const line = text.lastIndexOf("\n", problem.offset - 1);
    const isFirst = !lines.has(line);
    lines.add(line);
    return isFirst ? [problem] : [];
  });
}

function problemOf(text: string, { code, message, pos }: YAMLParseError): YamlProblem {
  // What is missing at the end of the file is missing behind its last word, not on an empty line; and a line that is
  // indented wrongly is marked at its word.
  const [indent = ""] = /^ */.exec(text.slice(pos[0])) ?? [];
  const offset = Math.min(pos[0] + indent.length, text.trimEnd().length);
  if (code === "DUPLICATE_KEY") {
    const found = `the key ${JSON.stringify(keyAt(text, offset))} a second time`;
    return { offset, found, expected: "each key once" };
  }
  for (const [pattern, expected, found = wordAt(text, offset)] of EXPLANATIONS) {
    const match = pattern.exec(message);
    if (!match) continue;
    const told = typeof expected === "string" ? expected : expected(match, { text, offset });
    return { offset, found, expected: told };
  }
  return { offset, found: wordAt(text, offset), expected: `YAML, whose parser says: ${message}` };
}

/** Something stands behind a value that has ended; often that is an apostrophe inside of single quotes. */
function afterTheEnd({ text, offset }: Place): string {
  return text[offset - 1] === "'"
    ? "nothing behind the quote that ends a text; inside of '…' it is written ''"
    : "nothing behind a value that has ended";
}

/** A value that goes on with a key: a colon too much on its line, or too much indentation on the next one. */
function notOneValue({ text, offset }: Place): string {
  const [line = "", next = ""] = text.slice(offset).split(/\r?\n/);
  if (/:\s/.test(line)) return "one value; a text with a colon in it stands in quotes";
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const isDeeper = indentation(next) > indentation(text.slice(begin));
  return isDeeper
    ? "a next line that is not indented deeper, because this value has ended"
    : "a colon and a space behind a key, such as name: value";
}

function indentation(line: string): number {
  return line.search(/[^ ]|$/);
}

/** The key that begins at an offset. */
function keyAt(text: string, offset: number): string {
  const end = text.slice(offset).search(/\s*:(\s|$)/);
  return text.slice(offset, end < 0 ? undefined : offset + end);
}

/** What stands at an offset, in words that follow "found". */
function wordAt(text: string, offset: number): string {
  const [word] = /[^\s,{}[\]]+|\S/.exec(text.slice(offset)) ?? [];
  return word === undefined ? "the end of the file" : JSON.stringify(word);
}
