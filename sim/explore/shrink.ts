import type { Scenario, StrategyVariant } from "../scenario.ts";
import { type Execution, execute } from "./execution.ts";
import { explore } from "./explore.ts";
import { follow, type Guide } from "./guide.ts";
import { type Part, partsOf, without } from "./parts.ts";
import { type Schedule, ScheduleGuide, type Slice, scheduleOf } from "./schedule.ts";
import { bounded } from "./search/bounded.ts";
import { preemptionsOf } from "./switches.ts";
import { type Violated, violationOf } from "./violated.ts";

/** Schedules that the last pass may try before it gives up, and while there are still too many switches. */
const LAST_PASS_SCHEDULES = 300;
const LAST_PASS_MOST = 3000;
/** So many switches a person can follow. */
const FEW_SWITCHES = 2;
/** Schedules that are tried for a smaller machine before it counts as one that holds. */
const SEARCH_SCHEDULES = 20;

/** A counter-example: the parts that are not needed for it, and the run that shows it. */
export interface CounterExample {
  readonly without: readonly Part[];
  readonly scenario: Scenario;
  readonly execution: Execution;
  readonly violated: Violated;
  /** No schedule of this machine violates the invariant with fewer switches, or with as many in fewer steps. */
  readonly provablyShortest: boolean;
}

/** How long a counter-example is: switches first, then steps, those of devices left out. */
function lengthOf(execution: Execution): number {
  return preemptionsOf(execution) * 100_000 + execution.steps.filter(({ forgetful }) => !forgetful).length;
}

/**
 * Makes a counter-example as small as it gets and keeps what it violates: parts go that are not needed, then switches, and
 * at last all schedules of what is left are searched for a shorter one. Never longer, and the same when done again.
 */
export function shrink(scenario: Scenario, variant: StrategyVariant, found: Execution): CounterExample {
  return new Shrinker(scenario, variant, found).run();
}

/**
 * The schedule of a counter-example in as few lines as show it: what devices do in between is left to whoever waits, if
 * the machine then does the same.
 */
export function scheduleThatShows(
  { scenario, execution, violated }: CounterExample,
  variant: StrategyVariant,
): Schedule {
  const compact = scheduleOf(execution.steps.filter(({ forgetful }) => !forgetful));
  const guide = new ScheduleGuide(compact);
  const again = execute(scenario, variant, guide);
  guide.finish(again.steps);
  const isSame = violationOf(again)?.kind === violated.kind && guide.divergence === undefined;
  return isSame ? compact : scheduleOf(execution.steps);
}

class Shrinker {
  readonly #whole: Scenario;
  readonly #variant: StrategyVariant;
  readonly #kind: string;
  /** A smaller machine that needs more is no help. */
  readonly #switchesMost: number;
  #without: readonly Part[] = [];
  #scenario: Scenario;
  #best: Execution;

  constructor(scenario: Scenario, variant: StrategyVariant, found: Execution) {
    this.#whole = scenario;
    this.#scenario = scenario;
    this.#variant = variant;
    this.#best = found;
    this.#kind = violationOf(found)!.kind;
    this.#switchesMost = Math.max(FEW_SWITCHES, preemptionsOf(found));
  }

  run(): CounterExample {
    this.#dropParts();
    this.#joinSlices();
    this.#dropSwitches();
    const provablyShortest = this.#searchShorter();
    return {
      without: this.#without,
      scenario: this.#scenario,
      execution: this.#best,
      violated: violationOf(this.#best)!,
      provablyShortest,
    };
  }

  /** Passes 1, 2 and 4: each part alone, until none can go. Only the first time a lost one is searched for. */
  #dropParts(): void {
    for (let dropped = true, first = true; dropped; first = false) {
      dropped = false;
      for (const part of partsOf(this.#whole)) {
        if (this.#without.includes(part)) continue;
        const fewer = [...this.#without, part];
        const smaller = without(this.#whole, fewer);
        const still = this.#stillFails(smaller, first);
        if (!still || preemptionsOf(still) > this.#switchesMost) continue;
        this.#without = fewer;
        this.#scenario = smaller;
        this.#best = still;
        dropped = true;
      }
    }
  }

  /** The old schedule as far as it goes, or any of a few simple ones. */
  #stillFails(scenario: Scenario, search: boolean): Execution | undefined {
    const old = this.#try(scenario, new ScheduleGuide(this.#untimed()));
    if (old || !search) return old;
    const { violation } = explore(scenario, this.#variant, bounded, {
      schedules: SEARCH_SCHEDULES,
      bound: 1,
    });
    return violation?.kind === this.#kind ? violation.execution : undefined;
  }

  /** The schedule without the labels, which a smaller machine does not reach. */
  #untimed(): Schedule {
    return unlabelled(scheduleOf(this.#best.steps));
  }

  /**
   * Pass 5: lines of the schedule are joined with the line of the same process before or after them, what devices do
   * being left to whoever waits. A schedule that nobody needs to follow step by step has few lines.
   */
  #joinSlices(): void {
    let schedule: Schedule = scheduleOf(this.#best.steps.filter(({ forgetful }) => !forgetful));
    const asIs = this.#try(this.#scenario, new ScheduleGuide(unlabelled(schedule)));
    if (!asIs) return;
    if (lengthOf(asIs) <= lengthOf(this.#best)) this.#best = asIs;
    for (let joined = true; joined; ) {
      joined = false;
      for (const candidate of joinedOnce(schedule)) {
        const run = this.#try(this.#scenario, new ScheduleGuide(candidate));
        if (!run || lengthOf(run) > lengthOf(this.#best)) continue;
        this.#best = run;
        schedule = candidate;
        joined = true;
        break;
      }
    }
  }

  /** Pass 6: each answer that is not the first one becomes it, last ones first. */
  #dropSwitches(): void {
    for (let at = this.#best.choices.length - 1; at >= 0; at--) {
      const { choices } = this.#best;
      if ((choices[at] ?? 0) === 0) continue;
      for (const shorter of [choices.slice(0, at), choices.with(at, 0)]) {
        const run = this.#try(this.#scenario, follow(shorter));
        if (!run || lengthOf(run) > lengthOf(this.#best)) continue;
        this.#best = run;
        break;
      }
    }
  }

  /** Pass 9: all schedules with as few switches; true if nothing shorter can exist. */
  #searchShorter(): boolean {
    const shorter = (execution: Execution): boolean =>
      violationOf(execution)?.kind === this.#kind && lengthOf(execution) < lengthOf(this.#best);
    const few = (): boolean => preemptionsOf(this.#best) <= FEW_SWITCHES;
    const { complete } = explore(this.#scenario, this.#variant, bounded, {
      schedules: few() ? LAST_PASS_SCHEDULES : LAST_PASS_MOST,
      bound: few() ? preemptionsOf(this.#best) : FEW_SWITCHES,
      all: true,
      isOver: ({ schedules }) => schedules >= LAST_PASS_SCHEDULES && few(),
      onExecution: (execution) => {
        if (shorter(execution)) this.#best = execution;
      },
    });
    return complete && few();
  }

  #try(scenario: Scenario, guide: Guide): Execution | undefined {
    const execution = execute(scenario, this.#variant, guide);
    return violationOf(execution)?.kind === this.#kind ? execution : undefined;
  }
}

/** Without the labels, which a smaller machine does not reach. */
function unlabelled(schedule: Schedule): Schedule {
  return schedule.map(({ run, steps }) => ({ run, ...(steps === undefined ? {} : { steps }) }));
}

/** All schedules with one line less: a line goes to the next one of the same process, or to the one before. */
function* joinedOnce(schedule: Schedule): Generator<Schedule> {
  for (const [at, { run, steps = 0 }] of schedule.entries()) {
    const next = schedule.findIndex((slice, other) => other > at && slice.run === run);
    const previous = schedule.findLastIndex((slice, other) => other < at && slice.run === run);
    for (const into of [next, previous]) {
      if (into < 0) continue;
      const longer = { run, steps: (schedule[into]!.steps ?? 0) + steps };
      yield unlabelled(joinNeighbours(schedule.with(into, longer).toSpliced(at, 1)));
    }
  }
}

/** Two lines of one process that follow each other are one. */
function joinNeighbours(schedule: Schedule): Schedule {
  const joined: Slice[] = [];
  for (const slice of schedule) {
    const last = joined.at(-1);
    if (last?.run === slice.run)
      joined[joined.length - 1] = { run: slice.run, steps: (last.steps ?? 0) + (slice.steps ?? 0) };
    else joined.push(slice);
  }
  return joined;
}
