import { parseDocument } from "yaml";
import { z } from "zod";

/** A demand that no case makes, and why. */
export interface LeftOut {
  readonly row: string;
  readonly class: string;
  readonly reason: string;
}

const shape = z.array(z.strictObject({ row: z.string(), class: z.string(), reason: z.string().min(10) }));

/** Reads the table of rows that the model does not express; problems name the file. */
export function readLeftOut(
  file: string,
  text: string,
): { readonly rows: readonly LeftOut[] } | { readonly problem: string } {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) return { problem: `${file}: ${broken.message}` };
  const parsed = shape.safeParse(document.toJS());
  if (parsed.success) return { rows: parsed.data };
  const [issue] = parsed.error.issues;
  const row = String(issue?.path[0] ?? "");
  return { problem: `${file}: entry ${row}: ${issue?.message}, expected row, class and reason` };
}
