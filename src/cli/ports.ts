import type { BugFile, BugOutcome } from "../bugs/index.ts";
import type { CaseFile, CaseOutcome } from "../conform/index.ts";
import type { RunVariant } from "../experiments/index.ts";
import type { EnumerationJob, EnumerationOutcome, ExploreJob, SearchOutcome } from "../explore/index.ts";
import type { ReportAssets } from "../report/index.ts";
import type { Catalogue, ReadTrace } from "../scenario/index.ts";
import type { RunRow } from "../validate/index.ts";

/** What the command line needs of the world. Everything else about it is a pure function. */
export interface CliPorts {
  readonly catalogue: Catalogue;
  /** The text of a file, or why it cannot be read. */
  readText(path: string): { readonly text: string } | { readonly problem: string };
  /** The text of a file that may be compressed, with what is wrong with the archive, or why it cannot be read. */
  readData(path: string): { readonly text: string; readonly damage?: string } | { readonly problem: string };
  /** Reads traces whose names are relative to the given scenario file. */
  traceReader(scenarioFile: string): ReadTrace;
  readonly paths: NamedPaths;
  /** Two paths of the same file, by whatever links, have the same place. */
  placeOf(path: string): string;
  /** Why a file cannot be written there; undefined if it can. */
  whyNotWritable(path: string): string | undefined;
  /** Something is there: a file, a folder, even a link to nothing. */
  exists(path: string): boolean;
  /** What the package brings along. */
  readonly shipped: ShippedFiles;
  /** Starts whatever runs variants. */
  openRunner(job: RunnerJob): Runner;
  /** Starts whatever simulates measured rows; quietly, or with progress. */
  openRowRunner(quiet: boolean): RowRunner;
  /** Starts whatever runs conformance cases. */
  openCaseRunner(quiet: boolean): CaseRunner;
  /** Starts whatever explores orders of steps. */
  openExploreRunner(quiet: boolean): ExploreRunner;
  /** Starts whatever runs known bugs. */
  openBugRunner(quiet: boolean): BugRunner;
  /** The file itself, or all *.yaml below a folder in the order of their names; or why there are none. */
  yamlFiles(path: string): { readonly paths: readonly string[] } | { readonly problem: string };
  /** All *.txt of a folder, plain or gzipped, in the order of their names; or why there are none. */
  textFiles(path: string): { readonly paths: readonly string[] } | { readonly problem: string };
  /** Script and style of the HTML report. */
  reportAssets(): ReportAssets;
  /** Wall-clock time in milliseconds. */
  now(): number;
  /** The terminal takes colours, and nobody has forbidden them. */
  readonly colour: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

/** A file that names another one stays right when somebody works elsewhere: the name is as seen from its own folder. */
export interface NamedPaths {
  /** How `file` names the file at `path`. */
  nameIn(file: string, path: string): string;
  /** The path of what `file` names so. */
  meantBy(file: string, name: string): string;
}

export interface ShippedFiles {
  /** The folder of the known bugs. */
  bugs(): string;
  /** The folder of the conformance suite. */
  conformance(): string;
  /** The scenarios of the package, by name. */
  scenarios(): readonly ShippedScenario[];
  /** The commented scenario that `init` writes. */
  starter(): string;
}

/** A scenario file of the package. */
export interface ShippedScenario {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly text: string;
}

/** A scenario as a worker needs it: it reads the text again, because accesses cannot be sent from thread to thread. */
export interface RunnerJob {
  readonly file: string;
  readonly text: string;
  readonly seed?: string;
  readonly strategies?: { readonly names: string; readonly option: string };
  readonly toggles?: { readonly names: string; readonly option: string };
  readonly set?: readonly { readonly option: string; readonly text: string }[];
  /** Maps the devices at this instant, ns. */
  readonly mapAt?: number;
  /** Shows no progress. */
  readonly quiet: boolean;
}

export interface Runner {
  readonly run: RunVariant;
  close(): void;
}

export interface CaseRunner {
  run(id: string, job: CaseFile): Promise<CaseOutcome>;
  close(): void;
}

export interface ExploreRunner {
  run(id: string, job: ExploreJob): Promise<SearchOutcome>;
  enumerate(id: string, job: EnumerationJob): Promise<EnumerationOutcome>;
  close(): void;
}

export interface BugRunner {
  run(id: string, job: BugFile): Promise<BugOutcome>;
  close(): void;
}

export interface RowRunner {
  readonly run: RunRow;
  close(): void;
}

/** What a command wants done: nothing has been written yet. */
export interface CommandResult {
  readonly exitCode: 0 | 1 | 2 | 3;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}
