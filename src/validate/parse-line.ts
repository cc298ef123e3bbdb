import { z } from "zod";
import type { Outcomes, RowInputs, Workload } from "./row.ts";

/* zod drops every field that a schema does not name, so nothing of what came out reaches the simulation. */

const count = z.number().int().min(0);
const counters = z.record(z.string(), z.number());
/** A size of a cgroup file: bytes as text, or "max". */
const limit = z.string().regex(/^(\d+|max)$/);

const zone = z.object({
  zone: z.string(),
  free: count,
  min: count,
  low: count,
  high: count,
  managed: count,
});

/** Gauges before the first access: the state from which the programs start. */
const gauges = z.object({
  vm: counters,
  zones: z.array(zone).min(1),
  memory_current: count.optional(),
  cg: counters.optional(),
  swaps: z.string().optional(),
});

const zswap = z.object({ compressor: z.string(), zpool: z.string(), max_pool_percent: count.max(100) });

const config = z.object({
  mode: z.enum(["cgroup", "global"]),
  memory_max: limit.nullish(),
  memory_high: limit.nullish(),
  swap_target: z.string(),
  backend: z.string(),
  rotational: z.union([z.literal(0), z.literal(1)]),
  page_cluster: count.max(20),
  swappiness: count,
  lru: z.enum(["classic", "mglru"]),
  lru_gen_enabled: count,
  vma_ra_enabled: count,
  vma_readahead_stuck: z.boolean().optional(),
  zswap: zswap.nullish(),
  smp: z.number().int().min(1),
  io_throttle_iops: z.number().min(1).nullish(),
});

const share = z.number().min(0).max(1);

/** The workload program's parameters with its defaults. Strict: an unknown one would mean other accesses. */
const workload = z.strictObject({
  pat: z.enum(["seq", "uniform", "zipf", "hotcold", "phase", "stride", "pingpong", "file"]),
  n: count.min(1).default(1024),
  m: count.min(1).default(1024),
  w: share.default(0),
  seed: count.default(1),
  init: z.union([z.literal(0), z.literal(1)]).default(1),
  fill: count.max(3).default(0),
  perm: z.union([z.literal(0), z.literal(1)]).default(0),
  alpha: z.number().min(0).max(10).default(1),
  h: share.default(0.1),
  p: share.default(0.9),
  W: count.default(0),
  K: count.min(1).default(1),
  S: count.default(1),
  F: count.min(1).default(1),
  fp: count.optional(),
  fmode: z.union([z.literal(0), z.literal(1)]).default(0),
  file: z.string().optional(),
});

const inputs = z.object({
  id: z.string().min(1),
  boot: z.string(),
  kernel: z.string(),
  config,
  workload: z.array(workload).min(1),
  MemTotal_kb: count.min(1),
  wl_locked_pages: z.array(count),
  swapon_dmesg: z.string(),
  T0: gauges,
});

const faults = z.record(z.string(), z.unknown()).nullable();
const phase = z.object({ vmstat: counters.optional(), blk: z.record(z.string(), counters).optional() });

const outcomes = z.object({
  init: phase.nullish(),
  run: phase.nullish(),
  verify: phase.nullish(),
  wl_result: z.array(faults).nullish(),
  wl_verify: z.array(faults).nullish(),
});

const rerun = outcomes.extend({ id: z.string().min(1), rerun: z.union([z.string(), z.number()]) });

/** What one line turned out to be. */
export type ParsedLine =
  | { readonly kind: "row"; readonly inputs: RowInputs; readonly outcomes: Outcomes }
  | { readonly kind: "rerun"; readonly id: string; readonly outcomes: Outcomes }
  | { readonly kind: "damaged"; readonly problem: string };

/** Reads one line: a row, one more measurement of a row, or what is wrong with it. */
export function parseLine(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "damaged", problem: "found text that is no JSON, expected one experiment" };
  }
  const isRerun = typeof value === "object" && value !== null && "rerun" in value;
  return isRerun ? parseRerun(value) : parseRow(value);
}

function parseRow(value: unknown): ParsedLine {
  const input = inputs.safeParse(value);
  if (!input.success) return damaged(input.error);
  const outcome = outcomes.safeParse(value);
  if (!outcome.success) return damaged(outcome.error);
  const wrong = input.data.workload.map(whyImpossible).find((reason) => reason !== undefined);
  if (wrong !== undefined) return { kind: "damaged", problem: `workload: ${wrong}` };
  return { kind: "row", inputs: input.data, outcomes: outcome.data };
}

function parseRerun(value: unknown): ParsedLine {
  const parsed = rerun.safeParse(value);
  if (!parsed.success) return damaged(parsed.error);
  const { id, rerun: _boot, ...outcome } = parsed.data;
  return { kind: "rerun", id, outcomes: outcome };
}

/** What single fields do not tell. */
function whyImpossible({ pat, n, W, file }: Workload): string | undefined {
  if (pat === "hotcold" && n < 2) return "hotcold needs a hot and a cold page, found n = 1";
  if (pat === "phase" && W < 1) return "phase needs a window W, found none";
  if ((pat === "file") !== (file !== undefined)) return "pattern file and parameter file go together";
  return undefined;
}

/** Issues told at most; a line of another kind has dozens. */
const ISSUES_MAX = 3;

function damaged(error: z.ZodError): ParsedLine {
  const told = error.issues.slice(0, ISSUES_MAX).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join(".")}: ${message}`;
  });
  const more = error.issues.length - told.length;
  return { kind: "damaged", problem: told.join("; ") + (more > 0 ? `; and ${more} more` : "") };
}
