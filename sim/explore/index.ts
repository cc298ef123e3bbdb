export { type Execution, type ExecutionOptions, execute, type Step } from "./execution.ts";
export { type Explored, type ExploreOptions, explore, type FoundViolation } from "./explore.ts";
export { END, follow, type Guide, type Question } from "./guide.ts";
export { searches } from "./search/index.ts";
export { defaultSearchOptions, type Search, type SearchOptions } from "./search/search.ts";
export { INVARIANTS, type Invariant, type Violated, violationOf } from "./violated.ts";
