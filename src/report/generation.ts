const EXPLANATION =
  "A generation is the number of a write: the same number, the same bytes; a higher one is younger.";

/** What a generation is, for whoever meets the word in one of these texts first; nothing if it is in none. */
export function generationExplained(...texts: readonly string[]): readonly string[] {
  return texts.some((text) => text.includes("generation")) ? [EXPLANATION] : [];
}
