import type { ParameterDeclaration, ParameterValue } from "../../sim/index.ts";
import type { Fields, Value } from "./document.ts";
import { nearest, oneOf } from "./nearest.ts";
import { parseDuration, parseRate, parseSize, suggestUnit, writeDuration, writeSize } from "./units.ts";

/** A value of the scenario file: declared like a parameter of a registered thing, with two forms more. */
export interface FieldDeclaration extends Omit<ParameterDeclaration, "type"> {
  /** `repeat`: a whole number, or `forever`. */
  readonly type: ParameterDeclaration["type"] | "repeat";
  /** Of sizes: a whole number of these. */
  readonly multipleOf?: number;
}

export type FieldDeclarations = Readonly<Record<string, FieldDeclaration>>;

/** The values that were given and were right, over the defaults. */
export type FieldValues = Record<string, ParameterValue>;

/** Reads the declared values of a map; other keys are left alone. What is wrong or missing is reported and left out. */
export function readDeclared(fields: Fields, declarations: FieldDeclarations): FieldValues {
  const values: FieldValues = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const value = fields.get(name);
    if (value) {
      const read = readValue(value, declaration);
      if (read !== undefined) values[name] = read;
    } else if (declaration.default !== undefined) {
      values[name] = declaration.default;
    } else if (!declaration.optional) {
      fields.reportMissing(name, expectedOf(declaration));
    }
  }
  return values;
}

/** Reads one declared value; reports it and returns undefined if it is not what was declared. */
export function readValue(value: Value, declaration: FieldDeclaration): ParameterValue | undefined {
  const read = convert(value, declaration);
  if (read !== undefined && isWithin(read, declaration)) return read;
  const suggestion = suggest(value, declaration);
  value.report(expectedOf(declaration, suggestion), { suggestion });
  return undefined;
}

/** From text to a value, by type alone. Text is taken as it was written, so that `2014` may be a word. */
function convert(value: Value, declaration: FieldDeclaration): ParameterValue | undefined {
  const { scalar, text } = value;
  if (scalar === undefined || scalar === null) return undefined;
  switch (declaration.type) {
    case "integer":
      return Number.isSafeInteger(scalar) ? (scalar as number) : undefined;
    case "number":
      return typeof scalar === "number" && Number.isFinite(scalar) ? scalar : undefined;
    case "boolean":
      return typeof scalar === "boolean" ? scalar : undefined;
    case "size":
      return parseSize(text);
    case "duration":
      return parseDuration(text);
    case "rate":
      return parseRate(text);
    case "repeat":
      if (scalar === "forever") return Number.POSITIVE_INFINITY;
      return Number.isSafeInteger(scalar) ? (scalar as number) : undefined;
    case "choice":
      return declaration.choices?.includes(text) ? text : undefined;
    case "path":
      return text.startsWith("/") ? text : undefined;
    case "text":
      return text;
  }
}

/** Whether a number keeps to its declared limits; words have none. */
function isWithin(value: ParameterValue, { min, max, multipleOf }: FieldDeclaration): boolean {
  if (typeof value !== "number") return true;
  if (min !== undefined && value < min) return false;
  if (max !== undefined && value > max) return false;
  return multipleOf === undefined || value % multipleOf === 0;
}

/** What may stand there, in words that follow "expected"; `meant` is the name that is told before them. */
function expectedOf(declaration: FieldDeclaration, meant?: string): string {
  switch (declaration.type) {
    case "integer":
      return `a whole number${range(declaration, String)}`;
    case "number":
      return `a number${range(declaration, String)}`;
    case "boolean":
      return "true or false";
    case "size": {
      const { multipleOf } = declaration;
      const whole = multipleOf === undefined ? "" : `, a multiple of ${writeSize(multipleOf)}`;
      return `a size such as 256MiB, 8GiB${range(declaration, writeSize)}${whole}`;
    }
    case "duration":
      return `a duration such as 90s, 4us${range(declaration, writeDuration)}`;
    case "rate":
      return `a rate such as 2000/s${range(declaration, (value) => `${value}/s`)}`;
    case "repeat":
      return `forever or a whole number${range(declaration, String)}`;
    case "choice":
      return oneOf(declaration.choices ?? [], meant);
    case "path":
      return "a path that begins with /";
    case "text":
      return "a text";
  }
}

/** Limits that say more than "not negative" and "not absurdly large". */
function range({ min, max }: FieldDeclaration, write: (value: number) => string): string {
  const hasMax = max !== undefined && max !== Number.MAX_SAFE_INTEGER;
  if (min !== undefined && hasMax) return ` from ${write(min)} to ${write(max)}`;
  if (hasMax) return `, at most ${write(max)}`;
  return min !== undefined && min > 0 ? `, at least ${write(min)}` : "";
}

/** What was probably meant, where the type lets one guess. */
function suggest(value: Value, { type, choices }: FieldDeclaration): string | undefined {
  if (type === "choice") return nearest(value.text, choices ?? []);
  if (type === "size" || type === "duration") return suggestUnit(value.text, type);
  if (type === "path" && value.text !== "") return `/${value.text}`;
  if (type === "repeat") return nearest(value.text, ["forever"]);
  return undefined;
}
