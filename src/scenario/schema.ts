import { z } from "zod";
import { INVARIANTS, VERDICTS } from "../../sim/index.ts";
import type { Catalogue, PatternEntry } from "./catalogue.ts";
import { CONDITION } from "./condition.ts";
import { COST_FIELDS } from "./costs.ts";
import type { FieldDeclaration, FieldDeclarations } from "./declared.ts";
import {
  BUG_FIELDS,
  BUG_WITNESS_FIELDS,
  CGROUP_FIELDS,
  CONFORMANCE_FIELDS,
  COUNTER_FIELDS,
  deviceFields,
  EXPLORE_FIELDS,
  FILE_FIELDS,
  machineFields,
  memoryTaskFields,
  SLICE_FIELDS,
  STEP_FIELDS,
  SWAP_FIELDS,
  scriptTaskFields,
  stackedFields,
  TOP_FIELDS,
  WRITER_FIELDS,
  zswapFields,
} from "./fields/index.ts";
import { SCRIPT_LINE } from "./script.ts";
import { STATE_KEYS } from "./step-state.ts";
import { ANSWERS } from "./timeline.ts";
import { WRITTEN } from "./units.ts";

/** A JSON Schema document (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of scenario files, so that editors complete and check them. It knows shapes, no cross references. */
export function scenarioSchema(catalogue: Catalogue): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(scenarioShape(catalogue), { io: "input" });
  return { $schema, title: "pagestorm scenario", ...rest };
}

/**
 * The whole file. Cross references (does the file exist, is the step inside the run) are left to the reader.
 */
function scenarioShape(catalogue: Catalogue): z.ZodType {
  const named = (shape: z.ZodType): z.ZodType => z.record(z.string(), shape);
  return z.strictObject({
    ...fieldsOf(TOP_FIELDS),
    machine: z.strictObject({
      ...fieldsOf(machineFields(catalogue)),
      zswap: z.strictObject(fieldsOf(zswapFields(catalogue))).optional(),
    }),
    costs: z.strictObject(fieldsOf(COST_FIELDS)).optional(),
    cgroups: named(z.strictObject(fieldsOf(CGROUP_FIELDS))).optional(),
    storage: named(deviceShape(catalogue)),
    filesystem: filesystemShape(catalogue).optional(),
    swap: z.array(swapShape()).min(1).optional(),
    strategies: z.array(variantShape(catalogue)).min(1),
    tasks: named(taskShape(catalogue)).optional(),
    conformance: z.strictObject(fieldsOf(CONFORMANCE_FIELDS)).optional(),
    bug: bugShape(catalogue).optional(),
    timeline: z.array(stepShape(catalogue)).optional(),
    explore: z.strictObject(fieldsOf(EXPLORE_FIELDS)).optional(),
    expect: named(z.enum(VERDICTS)).optional(),
    counters: named(z.strictObject(fieldsOf(COUNTER_FIELDS))).optional(),
    faults: z.array(words(catalogue.faults)).optional(),
  });
}

/** What a known bug says about itself. */
function bugShape({ faults }: Catalogue): z.ZodType {
  const invariant = z.enum(Object.keys(INVARIANTS) as [string, ...string[]]);
  const toggles = z.array(words(faults)).optional();
  return z.strictObject({
    ...fieldsOf(BUG_FIELDS),
    invariant: z.union([invariant, z.array(invariant)]).describe("promises that break with the fix off"),
    fix: z.strictObject({ off: toggles, on: toggles }).describe("toggles with the fix off and on"),
    witness: z
      .strictObject({ ...fieldsOf(BUG_WITNESS_FIELDS), ok: z.array(z.string()).optional() })
      .describe("what must be seen with the fix on"),
    schedule: z
      .array(z.strictObject(fieldsOf(SLICE_FIELDS)))
      .optional()
      .describe("the order of steps that shows it, of a bug that no timed run shows"),
  });
}

/** A device with a medium, or one that lies over something else. */
function deviceShape(catalogue: Catalogue): z.ZodType {
  return z.union([
    z.strictObject(fieldsOf(deviceFields(catalogue))),
    z.strictObject(fieldsOf(stackedFields(catalogue))),
  ]);
}

/** One shape per type of filesystem, because each has options of its own. */
function filesystemShape(catalogue: Catalogue): z.ZodType {
  return anyOf(
    catalogue.filesystemTypes.entries().map(({ name, summary, parameters }) =>
      z
        .strictObject({
          type: z.literal(name),
          devices: z.array(z.string()).min(1),
          files: z.record(z.string(), z.strictObject(fieldsOf(FILE_FIELDS))).optional(),
          layout: z
            .string()
            .optional()
            .describe("chunks and files at their places, as pagestorm import writes them"),
          ...fieldsOf(parameters),
        })
        .describe(summary),
    ),
  );
}

/** A swap area lies in a file or on a device, never both. */
function swapShape(): z.ZodType {
  const common = fieldsOf(SWAP_FIELDS);
  return z.union([
    z.strictObject({ path: z.string(), ...common }),
    z.strictObject({ device: z.string(), ...common }),
  ]);
}

/** A bare name, or a map of one name to its options. */
function variantShape({ strategies }: Catalogue): z.ZodType {
  const withOptions = strategies.entries().map(({ name, parameters }) => {
    const options = z.strictObject(fieldsOf(parameters)).partial();
    return z.strictObject({ [name]: options });
  });
  return anyOf([words(strategies.names()), ...withOptions]);
}

/** The four forms of a task; the key that is present tells which one it is. */
function taskShape({ patterns }: Catalogue): z.ZodType {
  return anyOf([
    ...patterns.entries().map(patternShape),
    z
      .strictObject({ trace: z.string(), ...fieldsOf(memoryTaskFields()) })
      .describe("replays a recorded program"),
    z
      .strictObject({
        script: z.array(z.string().regex(SCRIPT_LINE)).min(1),
        ...fieldsOf(scriptTaskFields()),
      })
      .describe("does what a list says, line by line"),
    z.strictObject({ writes: z.string(), ...fieldsOf(WRITER_FIELDS) }).describe("writes to a file"),
  ]);
}

/** A pattern has its own parameters beside those of every memory task. */
function patternShape({ name, summary, parameters }: PatternEntry): z.ZodType {
  const fields = { ...fieldsOf(memoryTaskFields()), ...fieldsOf(parameters), reads: z.string().optional() };
  return z.strictObject({ pattern: z.literal(name), ...fields }).describe(summary);
}

/** A step has the arguments of its operation, in itself or under `filters`. */
function stepShape({ operations }: Catalogue): z.ZodType {
  const many = (one: z.ZodType): z.ZodType => z.union([one, z.array(one)]);
  const byVariant = (one: z.ZodType): z.ZodType => z.union([one, z.record(z.string(), one)]).optional();
  const common = {
    ...fieldsOf(STEP_FIELDS),
    after: z.string().meta({ description: "begins when this step has ended" }).optional(),
    when: z
      .string()
      .regex(new RegExp(CONDITION))
      .meta({ description: "begins as soon as this holds, such as swapUsed > 50%" })
      .optional(),
    wait: many(z.string()).meta({ description: "does not begin before these steps have ended" }).optional(),
    expect: byVariant(many(words(ANSWERS)).meta({ id: "answers" })),
    log: byVariant(many(z.string())),
    state: byVariant(stateShape()),
  };
  return anyOf(
    operations.entries().map(({ name, summary, parameters }) => {
      const filters = z.strictObject(fieldsOf(parameters)).partial().optional();
      return z
        .strictObject({ do: z.literal(name), ...common, ...fieldsOf(parameters), filters })
        .describe(summary);
    }),
  );
}

/** What must be true when a step has ended. */
function stateShape(): z.ZodType {
  const groups = z.array(z.int().min(0));
  const shapes: Record<keyof typeof STATE_KEYS, z.ZodType> = {
    extents: z.record(z.string(), z.int().min(0)),
    blockGroup: z.record(z.string(), z.union([z.enum(["same", "moved"]), z.int().min(0)])),
    moved: groups,
    skipped: groups,
    unchanged: z.array(z.string()),
    leftovers: z.literal("none"),
  };
  const described = Object.entries(STATE_KEYS).map(([key, description]) => {
    return [key, shapes[key as keyof typeof STATE_KEYS].meta({ description }).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(described)).meta({ id: "state" });
}

/** The declared values of a map: a shape each, optional where there is a default. */
function fieldsOf(declarations: FieldDeclarations): Record<string, z.ZodType> {
  const fields = Object.entries(declarations).map(([name, declaration]) => {
    const { default: byDefault, meaning, optional } = declaration;
    const shape = shapeOf(declaration).meta({
      description: meaning,
      ...(byDefault === undefined ? {} : { default: byDefault }),
    });
    return [name, optional || byDefault !== undefined ? shape.optional() : shape] as const;
  });
  return Object.fromEntries(fields);
}

/** The forms in which one declared value may be written; the reader in declared.ts is the other half. */
function shapeOf({ type, min, max, choices }: FieldDeclaration): z.ZodType {
  const limited = (shape: z.ZodNumber): z.ZodNumber => {
    const above = min === undefined ? shape : shape.min(min);
    return max === undefined || max === Number.MAX_SAFE_INTEGER ? above : above.max(max);
  };
  const pattern = (text: string): z.ZodType => z.string().regex(new RegExp(text));
  switch (type) {
    case "integer":
      return limited(z.int());
    case "number":
      return limited(z.number());
    case "boolean":
      return z.boolean();
    case "size":
      return z.union([limited(z.int()), pattern(WRITTEN.size)]);
    case "duration":
      return z.union([z.literal(0), pattern(WRITTEN.duration)]);
    case "rate":
      return pattern(WRITTEN.rate);
    case "repeat":
      return z.union([z.literal("forever"), limited(z.int())]);
    case "choice":
      return z.union([words(choices ?? []), ...numericWords(choices ?? [])]);
    case "path":
      return pattern("^/");
    case "text":
      return z.union([z.string(), z.number()]);
  }
}

/** A word such as `2014` is a number in YAML. */
function numericWords(choices: readonly string[]): z.ZodType[] {
  return choices.filter((choice) => /^\d+$/.test(choice)).map((choice) => z.literal(Number(choice)));
}

/** One of some names. A list without names lets nothing through. */
function words(names: readonly string[]): z.ZodType {
  return names.length === 0 ? z.never() : z.enum(names as [string, ...string[]]);
}

/** Any of some shapes. An empty list lets nothing through. */
function anyOf(shapes: readonly z.ZodType[]): z.ZodType {
  return shapes.length === 0 ? z.never() : z.union(shapes);
}
