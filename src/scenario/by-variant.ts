import type { ByVariant } from "../../sim/index.ts";
import type { Value } from "./document.ts";
import { inARow, nearest } from "./nearest.ts";

/** Names of the scenario's variants; undefined if one of them has a problem, so that nothing can be said about names. */
export type VariantNames = readonly string[] | undefined;

/** Whether the scenario has this variant; reports it at its place if not. */
export function checkVariantName(at: Value, name: string, variants: VariantNames): boolean {
  if (!variants || variants.includes(name)) return true;
  const suggestion = nearest(name, variants);
  at.report(`a variant listed under strategies: ${inARow(variants, suggestion)}`, {
    found: JSON.stringify(name),
    suggestion,
  });
  return false;
}

/** One thing said about all variants (`*`), or a map with one for each variant by name. */
export function readByVariant<Said>(
  value: Value,
  isOne: (value: Value) => boolean,
  read: (value: Value) => Said,
  variants: VariantNames,
): ByVariant<Said> {
  if (isOne(value)) return { "*": read(value) };
  const said: Record<string, Said> = {};
  for (const field of value.map("a map by variant")!.all) {
    if (field.name === "*" || checkVariantName(field.key, field.name, variants))
      said[field.name] = read(field.value);
  }
  return said;
}
