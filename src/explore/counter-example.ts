import {
  type CounterExample,
  type Execution,
  type Row,
  type Schedule,
  type StrategyVariant,
  scheduleThatShows,
  switchesOf,
  tell,
  type Wait,
} from "../../sim/index.ts";
import { hashOfText } from "./hash.ts";
import type { Toggles } from "./job.ts";
import { writeReplayLine } from "./replay-line.ts";

/** A counter-example as plain data: what is shown, saved and repeated. */
export interface CounterExampleDocument {
  readonly scenario: string;
  /** Of the text of the scenario file; another text may not do the same. */
  readonly hash: string;
  readonly strategy: string;
  readonly toggles: Toggles;
  readonly invariant: string;
  readonly kind: string;
  /** What was lost, in one sentence with numbers. */
  readonly what: string;
  /** Parts of the scenario that are not needed. */
  readonly without: readonly string[];
  readonly rows: readonly Row[];
  /** What the machine looked like before and after, by what it is about. */
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  /** Who could not go on in the end. */
  readonly waits: readonly Wait[];
  /** The chain of events that led to the wrong bytes, oldest first. */
  readonly because: readonly string[];
  readonly stepsBefore: number;
  readonly switchesBefore: number;
  readonly switchesAfter: number;
  readonly provablyShortest: boolean;
  readonly schedule: Schedule;
  readonly choices: readonly number[];
  /** One line that repeats it. */
  readonly replay: string;
}

/** What `describe` must know of the job. */
interface Origin {
  readonly file: string;
  readonly text: string;
  readonly strategy: string;
  readonly toggles: CounterExampleDocument["toggles"];
}

export function describe(
  { file, text, strategy, toggles }: Origin,
  small: CounterExample,
  found: Execution,
  variant: StrategyVariant,
): CounterExampleDocument {
  const story = tell(small.scenario, variant, small.execution.choices);
  const [first] = small.execution.violations;
  const identity = { scenario: file, hash: hashOfText(text), strategy, toggles, without: small.without };
  const { choices } = small.execution;
  return {
    ...identity,
    invariant: small.violated.invariant,
    kind: small.violated.kind,
    what: small.violated.what,
    rows: story.rows,
    before: Object.fromEntries(story.before),
    after: Object.fromEntries(story.after),
    waits: story.waits,
    because: first?.because.map(({ what }) => what) ?? [],
    stepsBefore: found.steps.length,
    switchesBefore: switchesOf(found),
    switchesAfter: switchesOf(small.execution),
    provablyShortest: small.provablyShortest,
    schedule: scheduleThatShows(small, variant),
    choices,
    replay: writeReplayLine({ ...identity, choices }),
  };
}
