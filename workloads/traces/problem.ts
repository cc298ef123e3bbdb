/** Why a recorded trace cannot be used. */
export interface TraceProblem {
  /** Where: a line of the text (from 1), or a byte of the file (from 0; damage may begin a little later). */
  readonly at: { readonly line: number } | { readonly byte: number };
  readonly found: string;
  readonly expected: string;
}

/** Tells a problem from a result. */
export function isTraceProblem(value: object): value is TraceProblem {
  return "found" in value && "expected" in value;
}
