import {
  type ConformanceSpec,
  type ExploreSpec,
  type Scenario,
  VERDICTS,
  type Verdict,
} from "../../sim/index.ts";
import { readBug } from "./bug.ts";
import { checkVariantName, type VariantNames } from "./by-variant.ts";
import type { Catalogue, ReadTrace } from "./catalogue.ts";
import { checkGroups, readGroups } from "./cgroups.ts";
import { readDeclared, readValue } from "./declared.ts";
import { type Fields, Source } from "./document.ts";
import { CONFORMANCE_FIELDS, COUNTER_FIELDS, EXPLORE_FIELDS, TOP_FIELDS, TOP_KEYS } from "./fields/index.ts";
import { readFilesystem } from "./filesystem.ts";
import { checkForesight } from "./foresight.ts";
import { checkStack, readMachine, readStorage } from "./hardware.ts";
import { checkForks } from "./kinship.ts";
import type { Problem } from "./problem.ts";
import { readSettings, type Setting } from "./settings.ts";
import { checkTargets, readSwap } from "./swap.ts";
import { readTasks } from "./tasks.ts";
import { readTimeline } from "./timeline.ts";
import { readNamedToggles, readToggles } from "./toggles.ts";
import { readNamedVariants, readVariants } from "./variants.ts";

/** A scenario file and what it may refer to. */
export interface ScenarioInput {
  /** Name of the file, for problems. */
  readonly file: string;
  readonly text: string;
  readonly catalogue: Catalogue;
  readonly readTrace: ReadTrace;
  /** Takes the place of the file's `seed`. */
  readonly seed?: string;
  /** Variants to run instead of those of the file, as reports name them: `bmap,direct-io(file=cow)`. */
  readonly strategies?: { readonly names: string; readonly option: string };
  /** Mechanisms to break or to add beside the file's `faults`: `allowBmap,forgetExtentStart`. */
  readonly toggles?: { readonly names: string; readonly option: string };
  /** Values instead of those of the file: `costs.swapIn=3us`. */
  readonly set?: readonly Setting[];
}

export type ParseResult =
  | { readonly scenario: Scenario; readonly problems: undefined }
  | { readonly scenario: undefined; readonly problems: readonly Problem[] };

/** Reads a scenario. Either everything is right, or all problems are listed at once. */
export function parseScenario(input: ScenarioInput): ParseResult {
  const source = new Source(input.file, input.text);
  const top = source.unreadable
    ? undefined
    : source.root().map("a scenario: a map of keys such as machine, storage, swap");
  const scenario = top && !isResult(top) ? readScenario(top, input, source) : undefined;
  const problems = source.problems();
  if (problems.length > 0 || !scenario) return { scenario: undefined, problems };
  return { scenario, problems: undefined };
}

/** Reports what pagestorm has written itself: everything in it would be wrong. */
function isResult(top: Fields): boolean {
  const schema = top.get("schema");
  if (!schema?.text.startsWith("pagestorm/")) return false;
  schema.report("a scenario; `pagestorm report` shows saved results");
  return true;
}

/** Undefined only if a problem was reported; with other problems the result is not whole. */
function readScenario(top: Fields, input: ScenarioInput, source: Source): Scenario | undefined {
  const { catalogue, readTrace } = input;
  top.rejectUnknown(TOP_KEYS);
  const { name, seed, duration } = readDeclared(top, TOP_FIELDS) as {
    name?: string;
    seed?: string;
    duration?: number;
  };
  const settings = readSettings(input.set ?? [], source);
  const machine = readMachine(top, catalogue, settings);
  const groups = readGroups(top);
  const storage = readStorage(top, catalogue);
  const filesystem = readFilesystem(top, storage, catalogue);
  const swap = readSwap(top, storage, filesystem);
  checkStack(top, machine, swap, storage, catalogue);
  const problemsBefore = source.problems().length;
  const ofFile = readVariants(top, catalogue);
  const chosen = input.strategies ? readNamedVariants(input.strategies, catalogue, source) : ofFile;
  checkTargets(chosen, swap, storage, filesystem);
  const areVariantsRight = source.problems().length === problemsBefore;
  const names = [...new Set([...ofFile, ...chosen].map(({ variant }) => variant.name))];
  const variants = areVariantsRight ? names : undefined;
  const tasks = readTasks(top, {
    catalogue,
    readTrace,
    filesystem,
    duration,
    seed: input.seed ?? seed ?? "",
  });
  checkGroups(top, groups);
  checkForesight(top, tasks, catalogue);
  checkForks(top, tasks, catalogue);
  const timeline = readTimeline(top, { catalogue, filesystem, duration, variants });
  const expect = readExpectations(top, variants);
  const conformance = readConformance(top);
  const counters = readCounters(top);
  const faults = [
    ...readToggles(top, "faults", catalogue),
    ...(input.toggles ? readNamedToggles(input.toggles, catalogue, source) : []),
  ];
  const explore = readExplore(top);
  const bug = readBug(top, catalogue, timeline);
  if (name === undefined || seed === undefined || duration === undefined || !machine) return undefined;
  return {
    name,
    seed: input.seed ?? seed,
    machine,
    groups,
    storage: storage.devices,
    filesystem: filesystem?.spec,
    swap,
    strategies: chosen.map(({ variant }) => variant),
    tasks,
    duration,
    timeline,
    expect,
    faults,
    ...(explore ? { explore } : {}),
    ...(conformance ? { conformance } : {}),
    ...(bug ? { bug } : {}),
    ...(counters ? { counters } : {}),
  };
}

/** Expected verdicts by variant. Both halves of an entry are checked, so that both may be reported. */
function readExpectations(top: Fields, variants: VariantNames): Scenario["expect"] {
  const fields = top.get("expect")?.map("verdicts by variant, such as pinned: correct");
  const choice = { type: "choice", choices: VERDICTS, meaning: "verdict" } as const;
  const expected: Record<string, Verdict> = {};
  for (const { name, key, value } of fields?.all ?? []) {
    const isKnown = checkVariantName(key, name, variants);
    const verdict = readValue(value, choice);
    if (isKnown && verdict !== undefined) expected[name] = verdict as Verdict;
  }
  return expected;
}

/** Bounds of counters; whether there is such a counter shows only at the end. */
function readCounters(top: Fields): Scenario["counters"] {
  const fields = top.get("counters")?.map("counters by name, such as pswpout: { atLeast: 1 }");
  if (!fields) return undefined;
  const bounds = fields.all.flatMap(({ name, value }) => {
    const map = value.map("bounds, such as { atLeast: 1 }");
    if (!map) return [];
    map.rejectUnknown(Object.keys(COUNTER_FIELDS));
    const { atLeast, atMost } = readDeclared(map, COUNTER_FIELDS);
    return [[name, { atLeast: Number(atLeast ?? 0), atMost: Number(atMost ?? Number.POSITIVE_INFINITY) }]];
  });
  return Object.fromEntries(bounds) as Scenario["counters"];
}

/** How the scenario is to be explored. */
function readExplore(top: Fields): ExploreSpec | undefined {
  const fields = top.get("explore")?.map("how it is explored, such as { from: 1s }");
  if (!fields) return undefined;
  fields.rejectUnknown(Object.keys(EXPLORE_FIELDS));
  const { from, allocationsFail, memoryShort, ioFails } = readDeclared(fields, EXPLORE_FIELDS);
  return {
    ...(from === undefined ? {} : { from: Number(from) }),
    allocationsFail: allocationsFail === true,
    ...(memoryShort === undefined ? {} : { memoryShort: memoryShort as ExploreSpec["memoryShort"] & string }),
    ...(ioFails === undefined ? {} : { ioFails: ioFails as ExploreSpec["ioFails"] & string }),
  };
}

/** What a conformance case says about itself. */
function readConformance(top: Fields): ConformanceSpec | undefined {
  const fields = top.get("conformance")?.map("a conformance case, such as { row: A-01, … }");
  if (!fields) return undefined;
  fields.rejectUnknown(Object.keys(CONFORMANCE_FIELDS));
  return readDeclared(fields, CONFORMANCE_FIELDS) as unknown as ConformanceSpec;
}
