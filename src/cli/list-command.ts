import { listDocument, listKinds, listText } from "../report/index.ts";
import { foundAndExpected, nearest, oneOf } from "../scenario/index.ts";
import { wrongInput } from "./compare-command.ts";
import type { CliPorts, CommandResult } from "./ports.ts";

/** `pagestorm list [kind]`: what a scenario can name, with parameters, units, defaults and sources. */
export function listCommand(
  kind: string | undefined,
  options: { json?: boolean },
  ports: CliPorts,
): CommandResult {
  const kinds = listKinds();
  if (kind !== undefined && !kinds.includes(kind)) {
    const near = nearest(kind, kinds);
    return wrongInput([`list: ${foundAndExpected(`"${kind}"`, oneOf(kinds, near), near)}`]);
  }
  const wanted = kind === undefined ? kinds : [kind];
  const document = { schema: "pagestorm/list/1", ...listDocument(wanted) };
  const stdout =
    options.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : listText(wanted, ports.columns);
  return { exitCode: 0, stdout, stderr: "", files: [] };
}
