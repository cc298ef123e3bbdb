import type { BugOutcome, BugRun } from "./bug.ts";

/** The JSON of `pagestorm bugs`: equal outcomes give equal bytes. */
export function bugsDocument(outcomes: readonly BugOutcome[]): object {
  return {
    schema: "pagestorm/bugs/1",
    bugs: outcomes.map(({ file, spec, title, variants, failures }) => ({
      id: spec?.id ?? null,
      title,
      file,
      seen: spec?.seen ?? null,
      source: spec?.source ?? null,
      evidence: spec?.evidence ?? null,
      fix: spec?.fix ?? null,
      result: failures.length === 0 ? "pass" : "fail",
      failures,
      variants: variants.map(({ strategy, off, on }) => ({
        strategy,
        off: runOf(off, spec?.invariants ?? []),
        on: runOf(on, spec?.invariants ?? []),
      })),
    })),
  };
}

function runOf(
  { violated, what, witnesses, verdict, fingerprint }: BugRun,
  invariants: readonly string[],
): object {
  return { violated, invariant: invariants.join(" "), what, verdict, witnesses, fingerprint };
}
