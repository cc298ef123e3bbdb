import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Schedule } from "../../sim/index.ts";
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

const shape: z.ZodType<ReplayFile> = z.strictObject({
  pagestorm: z.literal("schedule/1"),
  scenario: z.string(),
  hash: z.string().regex(/^[0-9a-f]{8}$/),
  strategy: z.string(),
  toggles: z
    .strictObject({
      on: z.array(z.string()).default([]),
      off: z.array(z.string()).default([]),
      broken: z.boolean().default(false),
    })
    .default({ on: [], off: [], broken: false }),
  without: z.array(z.string()).default([]),
  violates: z.strictObject({ invariant: z.string(), kind: z.string() }).optional(),
  schedule: z.array(
    z.strictObject({
      run: z.string(),
      steps: z.int().min(1).exactOptional(),
      until: z.string().exactOptional(),
      stops: z.string().exactOptional(),
    }),
  ),
});

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

export function readReplayFile(file: string, text: string): ReadReplay {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return { replay: undefined, problems: [`${file}: found ${String(error)}, expected YAML`] };
  }
  const read = shape.safeParse(value);
  if (read.success) return { replay: read.data, problems: undefined };
  return {
    replay: undefined,
    problems: read.error.issues.map(
      ({ path, message }) => `${file}: ${path.join(".") || "the file"}: ${message}`,
    ),
  };
}
