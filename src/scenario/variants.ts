import type { StrategyVariant } from "../../sim/index.ts";
import type { Catalogue, StrategyEntry } from "./catalogue.ts";
import { readDeclared, readValue } from "./declared.ts";
import { type Fields, Source, type Value } from "./document.ts";

/** A variant with the place where it is named. */
export interface PlacedVariant {
  readonly variant: StrategyVariant;
  readonly targets: StrategyEntry["targets"];
  readonly at: Value;
}

const EXPECTED = "strategies, such as [bmap, pinned, { direct-io: { file: cow } }]";

/** The variants of the scenario file. */
export function readVariants(top: Fields, catalogue: Catalogue): readonly PlacedVariant[] {
  const value = top.require("strategies", EXPECTED);
  return value ? readVariantList(value, catalogue) : [];
}

/** The variants of a command line: `bmap,direct-io(file=cow)`, the names that reports use. */
export function readNamedVariants(
  { names, option }: { readonly names: string; readonly option: string },
  catalogue: Catalogue,
  scenario: Source,
): readonly PlacedVariant[] {
  const source = new Source(option, namesAsYaml(names), scenario);
  return source.unreadable ? [] : readVariantList(source.root(), catalogue);
}

/** `a,b(k=v,l=w)` as the YAML list `[a, {b: {k: v, l: w}}]`. */
function namesAsYaml(names: string): string {
  const items = names.split(/,(?![^(]*\))/).map((name) => {
    const match = /^\s*([\w-]+)\(([\w.:/=, -]*)\)\s*$/.exec(name);
    if (!match) return JSON.stringify(name.trim());
    return `{${match[1]}: {${match[2]!.replaceAll("=", ": ")}}}`;
  });
  return `[${items.join(", ")}]`;
}

/** The variants that are right; each may occur once. */
function readVariantList(value: Value, catalogue: Catalogue): readonly PlacedVariant[] {
  const items = value.list(EXPECTED);
  if (items?.length === 0) value.report("at least one strategy", { found: "none" });
  const variants: PlacedVariant[] = [];
  for (const item of items ?? []) {
    const placed = readVariant(item, catalogue);
    if (!placed) continue;
    const { name } = placed.variant;
    const isTwice = variants.some(({ variant }) => variant.name === name);
    if (isTwice) item.report("each strategy variant once", { found: `${name} a second time` });
    else variants.push(placed);
  }
  return variants;
}

/** One variant: a name, or a map of one name to its options. */
function readVariant(value: Value, catalogue: Catalogue): PlacedVariant | undefined {
  const { strategies } = catalogue;
  const choice = { type: "choice", choices: strategies.names(), meaning: "a strategy" } as const;
  const [field, second] = value.isMap ? value.map(EXPECTED)!.all : [];
  if (value.isMap && (!field || second)) {
    value.report("one strategy, such as { direct-io: { file: cow } }", {
      found: `a map of ${second ? "several" : "none"}`,
    });
    return undefined;
  }
  if (!field && reportReportSpelling(value)) return undefined;
  const strategy = readValue(field?.key ?? value, choice);
  const entry = typeof strategy === "string" ? strategies.get(strategy) : undefined;
  if (!entry) return undefined;
  const options = field ? field.value.map(`options of ${entry.name}`) : undefined;
  if (field && !options) return undefined;
  options?.rejectUnknown(Object.keys(entry.parameters));
  const variant = makeVariant(entry, options);
  if (options) rejectIdle(entry, options, variant);
  return { variant, targets: entry.targets, at: value };
}

/** Reports and the command line write `direct-io(file=cow)`, which YAML would take for a text. */
function reportReportSpelling(value: Value): boolean {
  const [, name, options] = /^([\w-]+)\((.+)\)$/.exec(value.text) ?? [];
  if (name === undefined || options === undefined) return false;
  value.report(`{ ${name}: { ${options.replaceAll("=", ": ")} } }, as it is written in a file`);
  return true;
}

/** An option that changes nothing beside the others was not what somebody wanted. */
function rejectIdle(entry: StrategyEntry, options: Fields, { options: values }: StrategyVariant): void {
  for (const [name, { onlyWith }] of Object.entries(entry.parameters)) {
    if (!onlyWith || values[onlyWith.parameter] === onlyWith.value) continue;
    options.get(name)?.report(`${onlyWith.parameter}: ${onlyWith.value} beside it`, {
      found: `${name} with ${onlyWith.parameter}: ${values[onlyWith.parameter]}`,
    });
  }
}

/** The name lists the options that were given, in the order of their declaration. */
function makeVariant(entry: StrategyEntry, options: Fields | undefined): StrategyVariant {
  const given = Object.keys(entry.parameters).filter((name) => options?.has(name));
  const written = given.map((name) => `${name}=${options!.get(name)!.text}`);
  const values = options ? readDeclared(options, entry.parameters) : defaultsOf(entry);
  return {
    name: written.length === 0 ? entry.name : `${entry.name}(${written.join(",")})`,
    strategy: entry.name,
    options: values,
  };
}

/** All options at their defaults. `Object.entries` keeps the order of the declaration. */
function defaultsOf(entry: StrategyEntry): StrategyVariant["options"] {
  const defaults = Object.entries(entry.parameters).map(
    ([name, { default: value }]) => [name, value] as const,
  );
  return Object.fromEntries(
    defaults.filter((pair): pair is [string, NonNullable<(typeof pair)[1]>] => pair[1] !== undefined),
  );
}
