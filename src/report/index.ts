export { eventLines, formatBytes, formatMany, quoted, wrap } from "./format.ts";
export { generationExplained } from "./generation.ts";
export { bugsPage, explorePage, htmlReport, type ReportAssets, validationPage } from "./html-report.ts";
export { entriesNamed, type Listed, listed, listKinds, listText } from "./list.ts";
export { mapText } from "./map.ts";
export { type TerminalOptions, terminalReport } from "./terminal.ts";
