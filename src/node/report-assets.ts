import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReportAssets } from "../report/index.ts";

/** Script and style of the HTML report, as the build has bundled them into `folder`. */
export function readReportAssets(folder: string): ReportAssets {
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return { script: read("report.js"), style: read("report.css") };
}
