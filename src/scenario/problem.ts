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
}

/** One line for people, in the form compilers use, so that editors can jump to the place. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, found, expected, suggestion } = problem;
  const place = line > 0 ? `${file}:${line}:${column}: ` : "";
  const subject = path === "" ? "" : `${path}: `;
  const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  return `${place}${subject}found ${found}, expected ${expected}${hint}`;
}

/** Reading order of a file; problems of the command line come first. */
export function byPlace(left: Problem, right: Problem): number {
  return left.line - right.line || left.column - right.column;
}
