import { parseDocument } from "yaml";
import { z } from "zod";

/** The scenario of a question with one thing varied, as a table: a row a value, or a row a strategy. */
export interface TableSpec {
  /** Scenario beside the book. */
  readonly scenario: string;
  /** Path of what is varied in it, such as `machine.pageCluster`; left out: nothing, a row is a strategy. */
  readonly vary?: string | undefined;
  readonly values?: readonly unknown[] | undefined;
  /** Heads of the columns, and where their values stand in the result of a strategy. */
  readonly columns: Readonly<Record<string, string>>;
  /** What the answer rests on: how a column goes from the first row to the last. */
  readonly must?: Readonly<Record<string, "rises" | "falls">> | undefined;
}

/** Something that answers a question: a command of pagestorm, a table, or what the named steps of a scenario answered. */
export type Evidence =
  | {
      /** Its arguments as one line; files are named from the root of the package. */
      readonly command: string;
      /** Only lines with one of these in them are shown; left out: all. */
      readonly keep?: readonly string[] | undefined;
      /** Exit status that it must have; left out: 0. */
      readonly status?: number | undefined;
    }
  | { readonly table: TableSpec }
  | { readonly steps: string };

/** A question that people ask. */
export interface Question {
  readonly question: string;
  /** In a few sentences, from what the evidence shows. */
  readonly answer: string;
  readonly evidence: readonly Evidence[];
}

/** A part of the book: who asks, and what. */
export interface Chapter {
  readonly title: string;
  readonly questions: readonly Question[];
}

const table = z.strictObject({
  scenario: z.string(),
  vary: z.string().optional(),
  values: z.array(z.unknown()).min(2).optional(),
  columns: z.record(z.string(), z.string()),
  must: z.record(z.string(), z.enum(["rises", "falls"])).optional(),
});
const evidence: z.ZodType<Evidence> = z.union([
  z.strictObject({
    command: z.string().startsWith("pagestorm "),
    keep: z.array(z.string()).optional(),
    status: z.number().optional(),
  }),
  z.strictObject({ table }),
  z.strictObject({ steps: z.string() }),
]);
const chapters: z.ZodType<readonly Chapter[]> = z.array(
  z.strictObject({
    title: z.string(),
    questions: z.array(
      z.strictObject({
        question: z.string().endsWith("?"),
        answer: z.string(),
        evidence: z.array(evidence),
      }),
    ),
  }),
);

/** Reads the book of questions; problems name the place. */
export function readBook(
  file: string,
  text: string,
): { readonly chapters: readonly Chapter[] } | { readonly problem: string } {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) return { problem: `${file}: ${broken.message}` };
  const parsed = chapters.safeParse(document.toJS());
  if (parsed.success) return { chapters: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${file}: ${issue?.path.join(".")}: ${issue?.message}` };
}
