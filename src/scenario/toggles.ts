import type { Catalogue } from "./catalogue.ts";
import { readValue } from "./declared.ts";
import { type Fields, Source, type Value } from "./document.ts";
import { nearest } from "./nearest.ts";

/** Names of toggles under a key of a map; none if the key is not there. */
export function readToggles(fields: Fields, key: string, catalogue: Catalogue): readonly string[] {
  const value = fields.get(key);
  return value ? readList(value, catalogue) : [];
}

/** The toggles of a command line: names with commas between them. */
export function readNamedToggles(
  { names, option }: { readonly names: string; readonly option: string },
  catalogue: Catalogue,
  scenario: Source,
): readonly string[] {
  const list = names.split(",").map((name) => JSON.stringify(name.trim()));
  return readList(new Source(option, `[${list.join(", ")}]`, scenario).root(), catalogue);
}

/** Why a name is no toggle, and which one it may have meant; undefined if it is one. */
export function unknownToggle(option: string, name: string, { faults }: Catalogue): string | undefined {
  if (faults.includes(name)) return undefined;
  const meant = nearest(name, faults);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `${option}: found ${name}, expected names of toggles (pagestorm list toggles)${hint}`;
}

function readList(value: Value, { faults }: Catalogue): readonly string[] {
  const choice = { type: "choice", choices: faults, meaning: "toggle" } as const;
  const items = value.list("a list of toggles") ?? [];
  return items.flatMap((item) => (readValue(item, choice) === undefined ? [] : [item.text]));
}
