import { type Fields, Source } from "./document.ts";

/** A value from the command line: `costs.swapIn=3us`, `machine.minFree=1MiB`. */
export interface Setting {
  readonly option: string;
  readonly text: string;
}

/** Parts of a scenario of which the command line may set single values. */
const SECTIONS = ["costs", "machine"];

/**
 * The values of the command line as a map like the file's own, in which problems name the option. The last one of a name
 * holds. Undefined if there are none, or none is right.
 */
export function readSettings(settings: readonly Setting[], scenario: Source): Fields | undefined {
  const sections = new Map<string, Map<string, string>>();
  for (const { option, text } of settings) {
    const [, section = "", name = "", value = ""] = /^(\w+)\.(\w+)=(.+)$/.exec(text) ?? [];
    if (!SECTIONS.includes(section)) {
      const source = new Source(option, JSON.stringify(text), scenario);
      source.root().report("costs.NAME=TIME or machine.NAME=VALUE, such as costs.swapIn=3us");
      continue;
    }
    const values = sections.get(section) ?? new Map<string, string>();
    sections.set(section, values.set(name, value));
  }
  if (sections.size === 0) return undefined;
  const lines = [...sections].map(([section, values]) => {
    const entries = [...values].map(([name, value]) => `${name}: ${value}`);
    return `${section}: { ${entries.join(", ")} }`;
  });
  const source = new Source(settings[0]!.option, lines.join("\n"), scenario);
  return source.unreadable ? undefined : source.root().map("settings");
}
