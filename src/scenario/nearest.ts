/** Letters to insert, remove, replace or swap with their neighbour to turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped && column > 1 && row > 1) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/** Shorter beginnings of a name are too vague. */
const BEGINNING = 3;

/**
 * The name that was probably meant: the nearest one, if about two thirds of its letters are right; else the only one
 * that begins like this.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase());
    const tolerance = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3));
    if (distance <= tolerance && distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  const longer = names.filter((name) => name.toLowerCase().startsWith(wanted));
  return best ?? (longer.length === 1 && wanted.length >= BEGINNING ? longer[0] : undefined);
}

/** A list of more names than this is cut down to its first few, so that it does not hide the one that was meant. */
const MANY = 12;
const FEW = 6;

/** Names in a row: the first few of many if the one that was `meant` is told, else all, because it may be any. */
export function inARow(names: readonly string[], meant: string | undefined): string {
  if (meant === undefined || names.length <= MANY) return names.join(", ");
  return `${names.slice(0, FEW).join(", ")} and ${names.length - FEW} more`;
}

/** "one of a, b, c" */
export function oneOf(names: readonly string[], meant?: string): string {
  if (names.length === 0) return "nothing: there is none";
  return names.length === 1 ? names[0]! : `one of ${inARow(names, meant)}`;
}
