import { INVARIANTS } from "../../sim/index.ts";
import { quoted } from "../report/index.ts";
import type { BugOutcome, BugRun, BugVariant } from "./bug.ts";

/** What terminal and page tell of a bug. */
export interface BugStory {
  readonly id: string;
  readonly title: string;
  /** What the file says on top, a paragraph each. */
  readonly told: readonly string[];
  readonly seen: string;
  readonly source: string;
  readonly isHypothesis: boolean;
  /** What breaks with the fix off, with its number: "I2: no swap write …". */
  readonly promises: readonly string[];
  readonly variants: readonly (BugVariant & {
    /** Command lines that repeat the two runs. */
    readonly repeat: { readonly off: string; readonly on: string };
  })[];
}

/** The stories of bugs; a file that could not be read has none. */
export function bugStories(outcomes: readonly BugOutcome[]): readonly BugStory[] {
  return outcomes.flatMap(({ file, spec, title, told, variants }) => {
    if (!spec) return [];
    const { id, seen, source, evidence, invariants, fix } = spec;
    return {
      id,
      title,
      told,
      seen,
      source,
      isHypothesis: evidence === "hypothesis",
      promises: invariants.map((invariant) => `${invariant}: ${INVARIANTS[invariant]}`),
      variants: variants.map((variant) => {
        const line = (toggles: readonly string[]): string => {
          const toggled = toggles.length === 0 ? "" : ` --toggle ${toggles.join(",")}`;
          return `pagestorm run ${quoted(file)} --strategy ${quoted(variant.strategy)}${toggled}`;
        };
        const { race } = variant;
        const replay = (line: string): string => `pagestorm replay ${quoted(line)}`;
        const repeat = race
          ? { off: replay(race.replay.off), on: replay(race.replay.on) }
          : { off: line(fix.off), on: line(fix.on) };
        return { ...variant, repeat };
      }),
    };
  });
}

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
