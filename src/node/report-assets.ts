import { readFileSync } from "node:fs";
import type { ReportAssets } from "../report/index.ts";

/** Script and style of the HTML report, as the build has bundled them into `folder`. */
export function readReportAssets(folder: URL): ReportAssets {
  const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
  return { script: read("report.js"), style: read("report.css") };
}
