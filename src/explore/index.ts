export type { CounterExampleDocument } from "./counter-example.ts";
export { bestOf, type Exploration, exploreDocument, verdictOf } from "./document.ts";
export {
  type EnumerationJob,
  type EnumerationOutcome,
  enumerationReport,
  runEnumeration,
} from "./enumeration.ts";
export {
  cellOf,
  type FixMatrix,
  type MatrixCell,
  type MatrixPlan,
  matrixTable,
  planMatrix,
} from "./fix-matrix.ts";
export { hashOfText } from "./hash.ts";
export { interleavingText } from "./interleaving.ts";
export {
  type Clock,
  type ExploreJob,
  noTraces,
  readJob,
  runSearch,
  type SearchOutcome,
  type StopReason,
  type Toggles,
} from "./job.ts";
export {
  type CoverageOnPage,
  type ExplorePage,
  pageOfExploration,
  pageOfReplay,
  type ScheduleOnPage,
} from "./page.ts";
export { measureRace, type RaceFile, type RaceRow, racesPage } from "./races.ts";
export { type ReplayFile, readReplayFile, writeReplayFile } from "./replay-file.ts";
export { type ReplayIdentity, readReplayLine, writeReplayLine } from "./replay-line.ts";
export { exploreReport } from "./text-report.ts";
