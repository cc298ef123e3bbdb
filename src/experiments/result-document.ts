import { z } from "zod";
import {
  INVARIANTS,
  type Invariant,
  type OperationReport,
  type SpaceResult,
  type StrategyResult,
  VERDICTS,
  VIOLATION_CLASSES,
  type ViolationClass,
} from "../../sim/index.ts";
import type { Timing } from "./compare.ts";
import type { JudgedExpectation } from "./expectations.ts";

/** What the JSON of a run says about one strategy variant. `space` is null where there is no filesystem. */
export interface StrategyDocument
  extends Pick<
    StrategyResult,
    | "name"
    | "verdict"
    | "reason"
    | "violations"
    | "breaches"
    | "totals"
    | "counters"
    | "faultLatencyNs"
    | "faultTime"
    | "psi"
    | "witnesses"
    | "recording"
    | "log"
    | "simulatedNs"
    | "fingerprint"
  > {
  readonly operations: readonly Omit<OperationReport, "log">[];
  readonly space: SpaceResult | null;
}

/** The JSON document of `run` and `compare`; all reports are made from it. Its schema is `docs/result.schema.json`. */
export interface ResultDocument {
  readonly schema: "pagestorm/run/2" | "pagestorm/compare/2";
  readonly scenario: string;
  readonly seed: string;
  readonly machine: { readonly memory: number; readonly cpus: number; readonly kernel: string };
  readonly durationNs: number;
  readonly strategies: readonly StrategyDocument[];
  readonly expectations: readonly JudgedExpectation[];
  readonly timing?: Timing | undefined;
}

const whole = z.number();
const wholes = z.array(whole);
const instant = whole.describe("simulated time since the start, ns");
const events = z.array(z.strictObject({ at: instant, what: z.string() }));
const classes = Object.keys(VIOLATION_CLASSES) as [ViolationClass, ...ViolationClass[]];

const invariants = Object.keys(INVARIANTS) as [Invariant, ...Invariant[]];

const violation = z.strictObject({
  class: z.enum(classes),
  at: instant,
  what: z.string().describe("page or file and block"),
  got: z.string(),
  expected: z.string(),
  because: events.describe("the chain of events that led there, oldest first"),
});

const operation = z.strictObject({
  id: z.string(),
  do: z.string(),
  at: instant,
  endedAt: instant.nullable(),
  result: z.string().describe("ok, an errno, running, or not begun"),
  achieved: z.string(),
  skipped: z.array(z.strictObject({ what: z.string(), reason: z.string() })),
});

const pressure = z.strictObject({ avg10: z.number(), avg60: z.number(), avg300: z.number(), total: whole });

const spaceReport = z.strictObject({
  size: whole,
  dataUsed: whole,
  dataAllocated: whole,
  metadataUsed: whole,
  metadataAllocated: whole,
  pinned: whole,
  unallocated: whole,
});

const space = z.strictObject({
  before: spaceReport,
  after: spaceReport,
  swapFileExtentsBefore: whole,
  swapFileExtentsAfter: whole,
  swapFileMoved: z
    .number()
    .nullable()
    .default(null)
    .describe("share of the swap files, 0 to 1, that lies elsewhere at the end; null if there were none"),
  swapFileStale: z
    .number()
    .nullable()
    .default(null)
    .describe(
      "share of the slots, 0 to 1, that swap would write to blocks which are no longer the swap file's; null without one in use",
    ),
  extraPeak: whole.describe("bytes in use beyond those at the start, at most"),
});

const layout = z.strictObject({
  at: instant,
  groups: z.array(
    z.strictObject({
      start: whole.describe("logical address, bytes"),
      length: whole,
      used: whole,
      profile: z.string(),
      devices: z.array(z.string()),
      pinned: z.boolean().describe("an active swap file holds it"),
    }),
  ),
  files: z.array(
    z.strictObject({
      path: z.string(),
      size: whole.describe("pages"),
      extents: whole,
      shared: whole.describe("extents that a snapshot or a reflink refers to as well"),
      groups: wholes.describe("starts of the block groups they lie in"),
    }),
  ),
});

const recording = z.strictObject({
  at: wholes.describe("instants of the samples; entry i of each list below belongs to at[i]"),
  gauges: z.strictObject({ freePages: wholes, residentPages: wholes, swapUsedPages: wholes }),
  totals: z.strictObject({
    pswpin: wholes,
    pswpout: wholes,
    pgmajfault: wholes,
    stalledSomeNs: wholes,
    stalledFullNs: wholes,
  }),
  latency: z
    .strictObject({ upToNs: wholes, counts: z.array(wholes) })
    .describe("major faults since the sample before, by how long they took"),
  disk: z
    .array(z.strictObject({ at: instant, device: z.string(), blocksPerCell: whole, cells: z.string() }))
    .describe("one letter a cell: swap, data, metadata, pinned, reserved, free, unallocated"),
  layouts: z.array(layout).default([]).describe("block groups and files at the start and at the end"),
});

const timeSlice = z.strictObject({
  frames: z.array(z.string()).describe("what the fault was in, outermost first"),
  kind: z.enum(["cpu", "device", "lock", "memory", "other"]),
  label: z.string().describe("the function that computed or waited"),
  time: whole.describe("ns"),
});

const strategy = z.strictObject({
  name: z.string(),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  violations: z.array(violation),
  breaches: z
    .array(z.strictObject({ invariant: z.enum(invariants), what: z.string() }))
    .default([])
    .describe("promises that the books of the simulated kernel show to be broken at the end"),
  totals: z.strictObject({
    byClass: z.record(z.enum(classes), whole),
    corruptPages: whole,
    corruptFiles: whole,
  }),
  counters: z.record(z.string(), z.number()),
  faultLatencyNs: z.strictObject({ p50: whole, p99: whole, p999: whole, max: whole }),
  faultTime: z
    .strictObject({ faults: whole, slices: z.array(timeSlice) })
    .default({ faults: 0, slices: [] })
    .describe("where the time of faults went that could wait, largest first"),
  operations: z.array(operation),
  psi: z.strictObject({ some: pressure, full: pressure }),
  space: space.nullable(),
  witnesses: z.strictObject({
    pagesSwappedOut: whole,
    pagesSwappedIn: whole,
    pagesReclaimed: whole,
    slotsRelocated: whole,
    slotsReadBackAfterwards: whole,
    reasons: z.record(z.string(), whole),
  }),
  recording,
  log: z.array(z.strictObject({ at: instant, line: z.string() })),
  simulatedNs: instant,
  fingerprint: z.string(),
});

/** Checks a document that was read from a file. */
export const resultDocument: z.ZodType<ResultDocument> = z.strictObject({
  schema: z.enum(["pagestorm/run/2", "pagestorm/compare/2"]),
  scenario: z.string(),
  seed: z.string(),
  machine: z.strictObject({ memory: whole, cpus: whole, kernel: z.string() }),
  durationNs: whole,
  strategies: z.array(strategy).min(1),
  expectations: z.array(z.strictObject({ what: z.string(), held: z.boolean(), got: z.string() })),
  timing: z
    .strictObject({
      seconds: z.number(),
      strategies: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
    })
    .optional(),
});

/** The JSON Schema of result files, for those who process them. */
export function resultJsonSchema(): object {
  return { title: "pagestorm result", ...z.toJSONSchema(resultDocument) };
}
