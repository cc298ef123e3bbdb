import type { CaseOutcome } from "./case.ts";
import type { LeftOut } from "./left-out.ts";
import { countByClass, type Suite } from "./suite.ts";

/** The suite in the XML that continuous integration reads: one testsuite a class, a skipped test for each row left out. */
export function junitXml(suite: Suite): string {
  const suites = countByClass(suite).map(({ class: name, pass, fail, notModelled }) => {
    const cases = suite.cases.filter(({ spec }) => (spec?.class ?? "unreadable") === name);
    const leftOut = suite.leftOut.filter((row) => row.class === name);
    const counts = `tests="${pass + fail + notModelled}" failures="${fail}" skipped="${notModelled}"`;
    return [
      `  <testsuite name="${escaped(name)}" ${counts}>`,
      ...cases.map(testCase),
      ...leftOut.map(skippedCase),
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pagestorm conform">\n${suites.join("\n")}\n</testsuites>\n`;
}

function testCase({ file, spec, name, failures }: CaseOutcome): string {
  const open = `    <testcase classname="${escaped(spec?.row ?? file)}" name="${escaped(name)}" file="${escaped(file)}"`;
  if (failures.length === 0) return `${open}/>`;
  const text = escaped(failures.join("\n"));
  return `${open}>\n      <failure message="${escaped(failures[0]!)}">${text}</failure>\n    </testcase>`;
}

function skippedCase({ row, reason }: LeftOut): string {
  return `    <testcase classname="${escaped(row)}" name="${escaped(row)}"><skipped message="${escaped(reason)}"/></testcase>`;
}

/** Characters that XML 1.0 does not have are dropped, and those with a meaning are written as entities. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
