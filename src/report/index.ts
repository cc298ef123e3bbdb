export { formatBytes, wrap } from "./format.ts";
export { htmlReport, type ReportAssets, validationPage } from "./html-report.ts";
export { listDocument, listKinds, listText } from "./list.ts";
export { mapText } from "./map.ts";
export { type TerminalOptions, terminalReport } from "./terminal.ts";
