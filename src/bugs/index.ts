export { type BugFile, type BugOutcome, runBug, unreadable } from "./bug.ts";
export { type BugStory, bugStories, bugsDocument } from "./document.ts";
export { bugsReport } from "./report.ts";
