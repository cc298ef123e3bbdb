import { entriesNamed, type Listed, listed, listKinds, listText } from "../report/index.ts";
import { foundAndExpected, nearest, oneOf } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** `pagestorm list [kind] [name]`: what a scenario can name, with parameters, units, defaults and sources. */
export function listCommand(
  kind: string | undefined,
  name: string | undefined,
  options: { json?: boolean },
  ports: CliPorts,
): CommandResult {
  const chosen = choose(kind, name);
  if ("problem" in chosen) return wrongInput([`list: ${chosen.problem}`]);
  const document = { schema: "pagestorm/list/1", ...chosen.list };
  const stdout =
    options.json === true
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : listText(chosen.list, ports.columns);
  return { exitCode: 0, stdout, stderr: "", files: [] };
}

/** Everything, a kind, or one entry of it. */
function choose(
  kind: string | undefined,
  name: string | undefined,
): { readonly list: Listed } | { readonly problem: string } {
  const kinds = listKinds();
  if (kind === undefined) return { list: listed(kinds) };
  if (!kinds.includes(kind)) {
    const near = nearest(kind, kinds);
    return { problem: foundAndExpected(`"${kind}"`, oneOf(kinds, near), near) };
  }
  const list = listed([kind]);
  if (name === undefined) return { list };
  const all = list[kind] ?? [];
  const entries = entriesNamed(all, name);
  if (entries.length > 0) return { list: { [kind]: entries } };
  const near = nearest(
    name,
    all.map((entry) => entry.name),
  );
  return { problem: foundAndExpected(`"${name}"`, `a name that pagestorm list ${kind} tells`, near) };
}
