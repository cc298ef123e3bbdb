import {
  type BugSpec,
  INVARIANTS,
  type Invariant,
  type Scenario,
  type Slice,
  type TimelineStep,
} from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { readDeclared, readValue } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { BUG_FIELDS, BUG_KEYS, BUG_WITNESS_FIELDS, SLICE_FIELDS } from "./fields/index.ts";
import { readToggles } from "./toggles.ts";

/** What a known bug says about itself; undefined if the scenario is none or if it is incomplete. */
export function readBug(
  top: Fields,
  catalogue: Catalogue,
  timeline: readonly TimelineStep[],
): BugSpec | undefined {
  const fields = top.get("bug")?.map("a known bug, such as { id: KB-04a, … }");
  if (!fields) return undefined;
  fields.rejectUnknown(BUG_KEYS);
  const told = readDeclared(fields, BUG_FIELDS) as Pick<BugSpec, "id" | "seen" | "source" | "evidence">;
  const invariants = readInvariants(fields.require("invariant", "the promise that breaks, such as I2"));
  const fix = fields.require("fix", "toggles, such as { off: [forgetExtentStart] }")?.map("a map");
  fix?.rejectUnknown(["off", "on"]);
  const off = fix ? readToggles(fix, "off", catalogue) : [];
  const on = fix ? readToggles(fix, "on", catalogue) : [];
  if (fix && !fix.get("off")?.length && !fix.get("on")?.length) fix.owner.report("a toggle under off or on");
  const witness = readWitness(fields, timeline);
  const schedule = readSchedule(fields);
  return { ...told, invariants, fix: { off, on }, witness, ...(schedule && { schedule }) };
}

/** The machine of a known bug with its fix off or on; a scenario that is about none is as it was. */
export function withFix(scenario: Scenario, fix: "off" | "on"): Scenario {
  const toggles = scenario.bug?.fix[fix] ?? [];
  return { ...scenario, faults: [...new Set([...scenario.faults, ...toggles])] };
}

/** One invariant or a list of them. */
function readInvariants(value: Value | undefined): readonly Invariant[] {
  if (!value) return [];
  const choice = { type: "choice", choices: Object.keys(INVARIANTS), meaning: "promise" } as const;
  const items = value.isList ? value.list("promises") : [value];
  return (items ?? []).flatMap((item) => {
    const read = readValue(item, choice);
    return read === undefined ? [] : [read as Invariant];
  });
}

/** Who goes on, and how far, line by line; undefined if a timed run shows the bug. */
function readSchedule(fields: Fields): BugSpec["schedule"] {
  const value = fields.get("schedule");
  const lines = value?.list("lines such as { run: swapoff, until: folio_lock }");
  if (lines?.length === 0) value?.report("at least one line");
  return lines?.flatMap((line) => {
    const slice = line.map("a line such as { run: swapoff, until: folio_lock }");
    if (!slice) return [];
    slice.rejectUnknown(Object.keys(SLICE_FIELDS));
    return [readDeclared(slice, SLICE_FIELDS) as unknown as Slice];
  });
}

/** What must be seen with the fix on. Nothing to be seen would make a refusal of everything a fix. */
function readWitness(fields: Fields, timeline: readonly TimelineStep[]): BugSpec["witness"] {
  const map = fields
    .require("witness", "what works with the fix on, such as { pagesBack: 100 }")
    ?.map("a map");
  if (!map) return { pagesBack: 0, ok: [] };
  map.rejectUnknown([...Object.keys(BUG_WITNESS_FIELDS), "ok"]);
  const { pagesBack } = readDeclared(map, BUG_WITNESS_FIELDS);
  const ids = timeline.map(({ id }) => id);
  const choice = { type: "choice", choices: ids, meaning: "step" } as const;
  const items = map.get("ok")?.list("ids of steps that answer ok") ?? [];
  const ok = items.flatMap((item) => (readValue(item, choice) === undefined ? [] : [item.text]));
  if (Number(pagesBack) === 0 && items.length === 0)
    map.owner.report("pages that come back, or steps that answer ok");
  return { pagesBack: Number(pagesBack), ok };
}
