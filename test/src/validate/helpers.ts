import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const ROOT = `${import.meta.dirname}/../../..`;

/** Thirteen of the measured rows, and reruns of three of them, without what nobody compares. */
export const SAMPLE = readFileSync(`${ROOT}/test/fixtures/measured-rows.jsonl`, "utf8");

/** A file of workloads/measured, unpacked. */
export function shipped(name: string): string {
  return gunzipSync(readFileSync(`${ROOT}/workloads/measured/${name}`)).toString("utf8");
}

type Fields = Record<string, unknown>;

/** A line of the sample as an object, with some fields replaced; undefined takes a field away. */
export function sampleRow(id: string, changes: Fields = {}): Fields {
  const line = SAMPLE.split("\n").find((text) => text.includes(`{"id":"${id}","boot"`));
  if (line === undefined) throw new Error(`no row ${id} in the sample`);
  return { ...(JSON.parse(line) as Fields), ...changes };
}

/** A row that fits into memory and runs in no time. */
export const CONTROL = "gl192-part-ssd-pc0-sw60-lru0-uni1.25x";

/** What no simulation may know. */
export const OUTCOMES = ["init", "run", "verify", "wl_result", "wl_verify"] as const;

/** The row as somebody gives it who keeps the outcome to himself. */
export function withoutOutcome(row: Fields): Fields {
  return { ...row, ...Object.fromEntries(OUTCOMES.map((name) => [name, undefined])) };
}

export const lines = (...rows: readonly unknown[]): string =>
  rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
