import Table from "cli-table3";
import { countByClass, type Suite } from "./suite.ts";

/** The table of a suite, and what failed. */
export function conformReport(suite: Suite): string {
  const table = new Table({
    head: ["class", "pass", "fail", "not modelled"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const counts = countByClass(suite);
  const sum = (of: (count: (typeof counts)[number]) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  for (const { class: name, pass, fail, notModelled } of counts) table.push([name, pass, fail, notModelled]);
  table.push(["all", sum(({ pass }) => pass), sum(({ fail }) => fail), sum((count) => count.notModelled)]);
  const failures = suite.cases.flatMap(({ file, failures: found }) =>
    found.length === 0 ? [] : [`${file}`, ...found.map((failure) => `  ${failure}`)],
  );
  return `${[...failures, ...(failures.length > 0 ? [""] : []), table.toString()].join("\n")}\n`;
}
