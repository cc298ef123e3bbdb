export type { CounterExampleDocument } from "./counter-example.ts";
export { bestOf, type Exploration, exploreDocument, verdictOf } from "./document.ts";
export {
  type EnumerationJob,
  type EnumerationOutcome,
  enumerationReport,
  runEnumeration,
} from "./enumeration.ts";
export { hashOfText } from "./hash.ts";
export { interleavingText } from "./interleaving.ts";
export { type Clock, type ExploreJob, readJob, runSearch, type SearchOutcome } from "./job.ts";
export {
  type CoverageOnPage,
  type ExplorePage,
  pageOfExploration,
  pageOfReplay,
  type ScheduleOnPage,
} from "./page.ts";
export { measureRace, type RaceFile, type RaceRow, racesPage } from "./races.ts";
export { readReplayFile, writeReplayFile } from "./replay-file.ts";
export { type ReplayIdentity, readReplayLine, writeReplayLine } from "./replay-line.ts";
export { exploreReport } from "./text-report.ts";
