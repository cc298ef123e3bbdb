export { type BugFile, type BugOutcome, runBug, unreadable } from "./bug.ts";
export { bugsDocument } from "./document.ts";
export { bugsReport } from "./report.ts";
