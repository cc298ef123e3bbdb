import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Schedule } from "../../sim/index.ts";
import { formatProblem, Source, type Value } from "../scenario/index.ts";
import type { CounterExampleDocument } from "./counter-example.ts";
import type { Toggles } from "./job.ts";

/** A schedule on disk: the order of steps as a person reads it, and what came of it when it was written. */
export interface ReplayFile {
  readonly pagestorm: "schedule/1";
  /** Path of the scenario file as seen from the folder of this one, and what its text hashed to. */
  readonly scenario: string;
  readonly hash: string;
  readonly strategy: string;
  readonly toggles: Toggles;
  readonly without: readonly string[];
  readonly violates?: { readonly invariant: string; readonly kind: string } | undefined;
  readonly schedule: Schedule;
}

const HASH = "eight hexadecimal digits, the hash of the scenario's text";
const NAME = "a name as explore reports it";
/** Lists that are empty if left out. */
const names = (what: string) => z.array(z.string(`one of the ${what}`), `a list of ${what}`).default([]);
/** The message of each part is what belongs there. */
const shape: z.ZodType<ReplayFile> = z.strictObject(
  {
    pagestorm: z.literal("schedule/1", "schedule/1, the format this version reads"),
    scenario: z.string("the path of a scenario file"),
    hash: z.string(HASH).regex(/^[0-9a-f]{8}$/, HASH),
    strategy: z.string("the name of a strategy"),
    toggles: z
      .strictObject(
        {
          on: names("names of toggles"),
          off: names("names of toggles"),
          broken: z.boolean("true or false").default(false),
        },
        "a map with on, off and broken",
      )
      .default({ on: [], off: [], broken: false }),
    without: names("names of actors"),
    violates: z
      .strictObject({ invariant: z.string(NAME), kind: z.string(NAME) }, "a map with invariant and kind")
      .optional(),
    schedule: z.array(
      z.strictObject(
        {
          run: z.string("the name of an actor"),
          steps: z.int("a whole number of steps").min(1, "at least one step").exactOptional(),
          until: z.string("the label of a step").exactOptional(),
          stops: z.string("the label of a step").exactOptional(),
        },
        "a map with run, and with steps, until or stops",
      ),
      "a list of who runs for how long",
    ),
  },
  "a schedule that explore has saved",
);

export type ReadReplay =
  | { readonly replay: ReplayFile; readonly problems: undefined }
  | { readonly replay: undefined; readonly problems: readonly string[] };

/** The counter-example as a file that `replay` reads and people can change. `scenario` is what it calls its scenario file. */
export function writeReplayFile(example: CounterExampleDocument, scenario: string): string {
  const { hash, strategy, toggles, without, invariant, kind, what, schedule } = example;
  const head = `# ${what}\n# Repeat it: pagestorm replay THIS_FILE\n`;
  const body = stringify({
    pagestorm: "schedule/1",
    scenario,
    hash,
    strategy,
    ...(toggles.on.length + toggles.off.length > 0 || toggles.broken ? { toggles } : {}),
    ...(without.length > 0 ? { without } : {}),
    violates: { invariant, kind },
    schedule: schedule.map((slice) => ({ ...slice })),
  });
  return head + body;
}

/** Reads a saved schedule; problems are told with their places, as those of a scenario are. */
export function readReplayFile(file: string, text: string): ReadReplay {
  const source = new Source(file, text);
  const read = source.hasProblems ? undefined : shape.safeParse(parse(text));
  if (read?.success) return { replay: read.data, problems: undefined };
  for (const issue of read?.error.issues ?? []) report(source.root(), issue);
  return { replay: undefined, problems: source.problems().map(formatProblem) };
}

/** Tells what zod has against the value that a path leads to. */
function report(root: Value, issue: z.core.$ZodIssue): void {
  let value = root;
  for (const step of issue.path) {
    const inner = value.inner(step);
    if (!inner) {
      value.reportMissing(String(step), issue.message);
      return;
    }
    value = inner;
  }
  if (issue.code === "unrecognized_keys") value.map("a map")?.rejectAll(issue.keys);
  else value.report(issue.message);
}
