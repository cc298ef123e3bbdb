/**
 * Coverage sentences: a probe stands at a branch that only an interesting run reaches. The test suite fails if one
 * is never hit, so the suite proves that the interesting things happen.
 */
const hits = new Map<string, number>();

/** Declares a probe and returns the function that hits it. Call it once per module, not per event. */
export function probe(sentence: string): () => void {
  if (!hits.has(sentence)) hits.set(sentence, 0);
  return () => {
    hits.set(sentence, hits.get(sentence)! + 1);
  };
}

/** How often each declared probe was hit in this process. */
export function probeHits(): ReadonlyMap<string, number> {
  return hits;
}
