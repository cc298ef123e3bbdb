import type { Change, Row } from "../../sim/index.ts";
import { hang } from "../report/format.ts";

/** Width of a mail to a kernel list. */
export const MAIL_WIDTH = 72;
const NUMBER = 3;
const MARK = 1;
const GAP = 2;

/** One processor: who has it at present, and up to which row. */
interface Cpu {
  actor: string;
  until: number;
}

/**
 * The interleaving as kernel commit messages show it: a column for each processor, time downwards, a row for each step
 * with the kernel function it stands for and what it changes. `*` marks a step that took over from somebody who could
 * have gone on. At most 72 characters wide.
 */
export function interleavingText(rows: readonly Row[]): string {
  const placed = place(rows);
  const columns = Math.max(...placed.map(({ cpu }) => cpu)) + 1;
  const width = Math.floor((MAIL_WIDTH - NUMBER - MARK - GAP * (columns - 1)) / columns);
  const line = (mark: string, cpu: number, text: string): string => {
    const before = " ".repeat(cpu * (width + GAP));
    return `${mark.padStart(NUMBER)} ${before}${text}`.trimEnd();
  };
  const head = Array.from({ length: columns }, (_, cpu) => `CPU ${cpu}`.padEnd(width)).join(" ".repeat(GAP));
  const rule = Array.from({ length: columns }, () => "-".repeat(width)).join(" ".repeat(GAP));
  const lines = [line("", 0, head), line("", 0, rule)];
  for (const [at, { row, cpu, isNew }] of placed.entries()) {
    if (isNew) lines.push(line("", cpu, `${row.actor}:`));
    const [first = "", ...rest] = cellOf(row, width);
    lines.push(line(`${at + 1}${row.preempts ? "*" : " "}`, cpu, first));
    for (const text of rest) lines.push(line("", cpu, text));
  }
  return `${lines.join("\n")}\n`;
}

/** Which processor each row runs on: an actor keeps its own until its last row, and then somebody else may have it. */
export function place(rows: readonly Row[]): readonly { row: Row; cpu: number; isNew: boolean }[] {
  const cpus: Cpu[] = [];
  return rows.map((row, at) => {
    let cpu = cpus.findIndex(({ actor, until }) => actor === row.actor && until >= at);
    const isNew = cpu < 0;
    if (isNew) {
      const until = rows.findLastIndex(({ actor }) => actor === row.actor);
      cpu = cpus.findIndex((candidate) => candidate.until < at);
      if (cpu < 0) cpu = cpus.push({ actor: row.actor, until }) - 1;
      else cpus[cpu] = { actor: row.actor, until };
    }
    return { row, cpu, isNew };
  });
}

/** The kernel function that a row is named after. */
export function functionOf({ labels }: Row): string {
  return labels.find(isFunction) ?? (labels[0]?.endsWith(" ends") ? labels[0] : "begins");
}

/** The function, then what became of things. */
function cellOf(row: Row, width: number): readonly string[] {
  return [
    ...hang(functionOf(row), width),
    ...row.changes.flatMap((change) => hang(changeText(change), width, 2)),
  ];
}

/** What a step stands for: neither the wait before the first one nor the end of a request. */
const isFunction = (label: string): boolean =>
  label !== "start" && !label.startsWith("sleep until") && !label.endsWith(" ends");

/** "block group 266338304: read-write -> read-only" */
export function changeText({ about, before, after }: Change): string {
  if (before === undefined) return `${about}: ${after}`;
  return after === undefined ? `${about} is gone` : `${about}: ${before} -> ${after}`;
}
