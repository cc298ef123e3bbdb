import {
  assert,
  type ParameterDeclaration,
  type ParameterDeclarations,
  type ParameterValues,
  type RegistryEntry,
  withDefaults,
} from "../../sim/engine/index.ts";
import type { AccessSource, InterleavedFileReads } from "../../sim/mm/index.ts";
import { PAGES_MAX } from "../limits.ts";
import { GeneratedAccesses, type PageFiller } from "./generated-accesses.ts";
import { SplitMix64 } from "./split-mix.ts";

/** Values of the parameters that a pattern declares; those with a default may be left out. */
export type PatternOptions = ParameterValues & { readonly pages: number };

/** A way to touch the pages of an address space, one after the other. */
export interface PatternEntry extends RegistryEntry {
  /** Opens the accesses from their beginning. The same options give the same accesses, bit for bit. */
  create(options: PatternOptions): AccessSource;
  /** The file reads that come between the accesses, if the pattern has any. The machine does them. */
  fileReads(options: PatternOptions): InterleavedFileReads | undefined;
}

/** What the file of a pattern says; the rest is common. */
export interface PatternDefinition extends RegistryEntry {
  /** Draws that one page takes from the generator. */
  readonly draws: 0 | 1 | 2;
  /** `draws` opens the stream of first or second draws. */
  pages(options: CheckedOptions, draws: (which: 1 | 2) => SplitMix64): PageFiller;
  fileReads?(options: CheckedOptions): InterleavedFileReads;
}

type CommonParameter = "pages" | "accesses" | "writes" | "permute" | "seed";

/** The parameters that all patterns have. */
export const commonParameters: Readonly<Record<CommonParameter, ParameterDeclaration>> = {
  pages: { type: "integer", unit: "pages", min: 1, max: PAGES_MAX, meaning: "size of the address space" },
  accesses: {
    type: "integer",
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
    meaning: "number of accesses; left out: without end",
  },
  writes: { type: "number", default: 0, min: 0, max: 1, meaning: "share of the accesses that write" },
  permute: { type: "boolean", default: false, meaning: "scatter the pages over the address space" },
  seed: {
    type: "integer",
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "start of the generator; left out: drawn from the scenario's seed and the task's name",
  },
};

/** Start of a generator that nobody gave one, as the measured program has it. */
const DEFAULT_SEED = 1;

/** Makes a registry entry of a definition. */
export function definePattern(definition: PatternDefinition): PatternEntry {
  const { name, summary, source, parameters } = definition;
  return {
    name,
    summary,
    source,
    parameters,
    create: (options) => open(definition, new CheckedOptions(parameters, options)),
    fileReads: (options) => definition.fileReads?.(new CheckedOptions(parameters, options)),
  };
}

function open(definition: PatternDefinition, options: CheckedOptions): AccessSource {
  const seed = BigInt(options.has("seed") ? options.number("seed") : DEFAULT_SEED);
  const drawsPerAccess = definition.draws + 1;
  const draws = (which: number): SplitMix64 => new SplitMix64(seed, which, drawsPerAccess);
  return new GeneratedAccesses({
    pages: options.number("pages"),
    accesses: options.has("accesses") ? options.number("accesses") : Number.POSITIVE_INFINITY,
    writes: options.number("writes"),
    permutationOf: options.flag("permute") ? seed : undefined,
    fillPages: definition.pages(options, draws),
    writeDraws: draws(drawsPerAccess),
  });
}

/** Parameter values with defaults filled in, all within their bounds. */
export class CheckedOptions {
  readonly #values: ParameterValues;

  constructor(declarations: ParameterDeclarations, given: ParameterValues) {
    this.#values = withDefaults(declarations, given);
    for (const [name, { min, max, type }] of Object.entries(declarations)) {
      const value = this.#values[name];
      if (typeof value !== "number") continue;
      assert(
        value >= (min ?? value) && value <= (max ?? value),
        "a pattern's parameter lies within its bounds",
      );
      assert(type !== "integer" || Number.isInteger(value), "a pattern's whole number is whole");
    }
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  number(name: string): number {
    const value = this.#values[name];
    assert(typeof value === "number", "a pattern's required number is given");
    return value;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }
}
