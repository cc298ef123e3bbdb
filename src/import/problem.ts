/** A text that is not what it must be. The message has the form compilers use: file, line (0: none), found, expected. */
export class ImportProblem extends Error {
  override readonly name = "ImportProblem";

  constructor(file: string, line: number, found: string, expected: string) {
    super(`${file}${line > 0 ? `:${line}` : ""}: found ${found}, expected ${expected}`);
  }
}

/** A text of a tool, with its name. */
export interface DumpText {
  readonly file: string;
  readonly text: string;
}
