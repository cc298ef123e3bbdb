import { assert } from "./assert.ts";

/** A parameter of a registered thing: everything `pagestorm list`, validation and the docs need to know. */
export interface ParameterDeclaration {
  readonly type: "integer" | "number" | "boolean" | "size" | "duration" | "choice" | "path" | "text" | "rate";
  /** Of numbers: what one of it is ("pages", "ns"). */
  readonly unit?: string;
  /** Left out: the parameter must be given, unless it is optional. */
  readonly default?: number | boolean | string;
  /** May be left out although there is no default; `meaning` says what that means. */
  readonly optional?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Of `choice`: the possible words. */
  readonly choices?: readonly string[];
  /** Means something only while another parameter has this value; giving it otherwise is a mistake. */
  readonly onlyWith?: { readonly parameter: string; readonly value: string };
  readonly meaning: string;
}

export type ParameterDeclarations = Readonly<Record<string, ParameterDeclaration>>;
export type ParameterValue = number | boolean | string;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** A policy, device, strategy, pattern or operation: one file and one line in its registry. */
export interface RegistryEntry {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Where the behaviour or the numbers come from. */
  readonly source: string;
  readonly parameters: ParameterDeclarations;
}

/** Named things of one kind, in a fixed order. */
export class Registry<Entry extends RegistryEntry> {
  readonly kind: string;
  readonly #entries = new Map<string, Entry>();

  constructor(kind: string, entries: readonly Entry[]) {
    this.kind = kind;
    for (const entry of entries) {
      assert(!this.#entries.has(entry.name), "names in a registry are unique");
      this.#entries.set(entry.name, entry);
    }
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** For names that were validated before. */
  require(name: string): Entry {
    const entry = this.#entries.get(name);
    assert(entry !== undefined, "a validated name is in its registry");
    return entry;
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }
}

/** The given values over the declared defaults. Validation has made sure that nothing required is missing. */
export function withDefaults(declarations: ParameterDeclarations, given: ParameterValues): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const value = given[name] ?? declaration.default;
    if (value !== undefined) values[name] = value;
  }
  return values;
}
