/** A whole number of the command line; one that is none, or out of range, becomes a problem and the least one. */
export function readNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most?: number },
  problems: string[],
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= (most ?? Number.MAX_SAFE_INTEGER)) return number;
  const range = most === undefined ? `, ${least} or more` : ` from ${least} to ${most}`;
  problems.push(`${option}: found ${text}, expected a whole number${range}`);
  return least;
}
