/** One thing wrong with a scenario: where it stands, what was found there and what was expected instead. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 0 if the value was given on the command line. */
  readonly line: number;
  readonly column: number;
  /** Keys from the top: `tasks.browser.hot`. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  /** The nearest thing that would have been right. */
  readonly suggestion?: string;
  /** The line of the file that `line` counts, and how many characters of it are meant; left out without a file. */
  readonly excerpt?: { readonly text: string; readonly width: number };
}

/** Characters of a long line that are shown before and after its mark. */
const EXCERPT_BEFORE = 60;
const EXCERPT_AFTER = 40;

/** For people, in the form compilers use, so that editors can jump to the place; the place is shown under it. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, found, expected, suggestion } = problem;
  const place = line > 0 ? `${file}:${line}:${column}: ` : "";
  const subject = path === "" ? "" : `${path}: `;
  return `${place}${subject}${foundAndExpected(found, expected, suggestion)}${excerptOf(problem)}`;
}

/** What a problem consists of; the nearest right thing stands before the many that would be right as well. */
export function foundAndExpected(found: string, expected: string, suggestion: string | undefined): string {
  const hint = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
  return `found ${found}${hint}, expected ${expected}`;
}

/** Everything that a terminal would carry out and not show; tabs stay, so that the carets stand right in any terminal. */
const UNSEEN = /[^\P{Cc}\t]/gu;

/** The line with carets under what is meant. */
function excerptOf({ line, column, excerpt }: Problem): string {
  if (!excerpt?.text) return "";
  const first = Math.max(0, column - 1 - EXCERPT_BEFORE);
  const text = excerpt.text.replace(UNSEEN, "\u{fffd}");
  const shown = text.slice(first, column - 1 + excerpt.width + EXCERPT_AFTER);
  const indent = text.slice(first, column - 1).replace(/[^\t]/g, " ");
  const gutter = `${line} | `;
  return `\n  ${gutter}${shown}\n  ${" ".repeat(gutter.length - 2)}| ${indent}${"^".repeat(excerpt.width)}`;
}

/** Reading order of a file; problems of the command line come first. */
export function byPlace(left: Problem, right: Problem): number {
  return left.line - right.line || left.column - right.column;
}
