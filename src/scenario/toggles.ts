import type { Catalogue } from "./catalogue.ts";
import { type Fields, Source, type Value } from "./document.ts";
import { nearest } from "./nearest.ts";
import { foundAndExpected } from "./problem.ts";

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

/** What a toggle is told as: there are too many of them to name each. */
const A_TOGGLE = "the name of a toggle (pagestorm list toggles)";

/** Why a name is no toggle, and which one it may have meant; undefined if it is one. */
export function unknownToggle(option: string, name: string, { faults }: Catalogue): string | undefined {
  if (faults.includes(name)) return undefined;
  return `${option}: ${foundAndExpected(name, A_TOGGLE, nearest(name, faults))}`;
}

function readList(value: Value, { faults }: Catalogue): readonly string[] {
  const items = value.list("a list of toggles") ?? [];
  return items.flatMap((item) => {
    if (faults.includes(item.text)) return [item.text];
    item.report(A_TOGGLE, { suggestion: nearest(item.text, faults) });
    return [];
  });
}
