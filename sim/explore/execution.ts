import { type Conclusion, conclude, cutShort } from "../conclusion.ts";
import { type Accesses, type Chooser, type EngineOutcome, fail, type Process } from "../engine/index.ts";
import { Init } from "../init.ts";
import { Machine } from "../machine.ts";
import { memoryDigest } from "../mm/index.ts";
import type { Violation } from "../oracle/index.ts";
import type { Scenario, StrategyVariant } from "../scenario.ts";
import { deadlocked } from "../wait-for-graph.ts";
import { END, type Guide } from "./guide.ts";
import { Past } from "./past.ts";
import { type Roles, rolesOf } from "./roles.ts";
import type { Visibility } from "./visibility.ts";

/** One step of an explored run: what a process did between two points at which others could step in. */
export interface Step {
  /** Number of the process. */
  readonly process: number;
  readonly name: string;
  /** A step of a device or a kernel thread. */
  readonly daemon: boolean;
  /** A channel of a device: it did what somebody else had asked for. */
  readonly forgetful: boolean;
  /** Where it stood before: what it was about to do. */
  readonly label: string;
  /** Where it stopped. */
  readonly stops: string;
  readonly accesses: Accesses;
  /** What came out otherwise than usual in it: an allocation that failed, a request served out of turn. */
  readonly chose: readonly string[];
  /** Somebody else could have gone on. */
  readonly preempts: boolean;
  /** Number of the question that this step answered; -1 if nobody else could step. */
  readonly question: number;
}

export interface Execution extends Conclusion {
  /** The answers to the questions that were asked. */
  readonly answers: readonly number[];
  /** The answers that give the same run if every question is asked, also those of which nothing can come. */
  readonly choices: readonly number[];
  readonly steps: readonly Step[];
  readonly violations: readonly Violation[];
  readonly outcome: EngineOutcome["kind"];
  readonly fingerprint: string;
  /** The guide ended the run, so nothing is known of its end. */
  readonly ended: boolean;
  /** What has happened, up to the order of steps that share nothing. */
  readonly state: number;
}

export interface ExecutionOptions {
  /** What need not be asked; left out: everything is. */
  readonly visibility?: Visibility | undefined;
  /** Whether a run has ended so before: then its books, which are ours, need no recount. */
  readonly isKnown?: (state: number) => boolean;
  /** The run goes on after the first violation; for whoever wants to see the end. */
  readonly toTheEnd?: boolean;
  /** Called before the first step and after each, with the step that has just ended. */
  readonly onStep?: (machine: Machine, step: Step | undefined) => void;
}

/** Runs the machine of a scenario once, as `guide` wants it. The same answers give the same run. */
export function execute(
  scenario: Scenario,
  variant: StrategyVariant,
  guide: Guide,
  options: ExecutionOptions = {},
): Execution {
  return new Director(scenario, variant, guide, options).run();
}

/** Stands between engine and guide: numbers the questions and writes down what happens. */
class Director implements Chooser {
  readonly #machine: Machine;
  readonly #init: Init;
  readonly #scenario: Scenario;
  readonly #guide: Guide;
  readonly #options: ExecutionOptions;
  readonly #roles: Roles;
  readonly #past: Past;
  readonly #answers: number[] = [];
  readonly #choices: number[] = [];
  readonly #steps: Step[] = [];
  #running:
    | {
        readonly process: Process;
        readonly label: string;
        readonly preempts: boolean;
        readonly question: number;
      }
    | undefined;
  /** Who stepped last, if it slept on its way: nobody preempts it. */
  #slept: Process | undefined;
  #chose: string[] = [];
  #ended = false;
  #violated = false;

  constructor(scenario: Scenario, variant: StrategyVariant, guide: Guide, options: ExecutionOptions) {
    this.#scenario = scenario;
    this.#guide = guide;
    this.#options = options;
    this.#machine = new Machine(scenario, variant);
    this.#init = new Init(this.#machine);
    this.#roles = rolesOf(scenario);
    const machine = this.#machine;
    const { filesystem } = machine;
    this.#past = new Past(filesystem?.digest && (() => filesystem.digest!()), () => memoryDigest(machine.mm));
  }

  run(): Execution {
    const { engine } = this.#machine;
    const { duration, explore } = this.#scenario;
    const from = explore?.from;
    engine.spawn(
      "boot",
      this.#init.run([], from === undefined ? () => this.#machine.explore(this) : undefined),
    );
    if (from !== undefined) {
      engine.run(from - 1);
      this.#machine.explore(this, from);
    }
    const outcome = engine.run(duration);
    if (this.#closeStep()) this.#options.onStep?.(this.#machine, this.#steps.at(-1));
    const state = this.#past.state([]);
    const conclusion = this.#ended
      ? cutShort(this.#machine, this.#init)
      : conclude(this.#machine, this.#init, outcome, this.#options.isKnown?.(state) !== true);
    return {
      ...conclusion,
      answers: this.#answers,
      choices: this.#choices,
      steps: this.#steps,
      violations: this.#machine.ledger.listed,
      outcome: outcome.kind,
      fingerprint: engine.fingerprint.toString(),
      ended: this.#ended,
      state,
    };
  }

  choose(what: string, options: number, touches?: () => Accesses): number {
    if (touches && this.#options.visibility?.isRaced(touches()) === false) {
      this.#choices.push(0);
      return 0;
    }
    const answer = this.#ask(what, options, undefined, false);
    if (answer > 0) this.#chose.push(`${what}: ${options === 2 ? "yes" : answer}`);
    return answer;
  }

  next(ready: readonly Process[], isAwake: boolean): number {
    this.#closeStep();
    const couldGoOn = isAwake && ready[0] !== this.#slept;
    if (this.#options.onStep) {
      this.#options.onStep(this.#machine, this.#steps.at(-1));
      // Whoever looks touches nothing.
      this.#machine.engine.accesses?.take();
    }
    if (this.#machine.ledger.listed.length > 0 && this.#options.toTheEnd !== true) this.#violated = true;
    if (this.#violated || this.#ended || this.#isStuck(ready)) return END;
    const unseen = this.#unseen(ready);
    const asked = unseen < 0 && ready.length > 1;
    const answer = asked ? this.#ask("who steps next", ready.length, ready, couldGoOn) : Math.max(unseen, 0);
    if (this.#ended) return END;
    if (!asked && ready.length > 1) this.#choices.push(answer);
    const process = ready[answer]!;
    this.#slept = process.apart ? process : undefined;
    this.#running = {
      process,
      label: process.label,
      preempts: couldGoOn && answer > 0,
      question: asked ? this.#answers.length - 1 : -1,
    };
    return answer;
  }

  /** Only timers of the kernel are left, and they set nobody free: what would follow is the wait for the end of the run. */
  #isStuck([next]: readonly Process[]): boolean {
    if (next?.pauses !== true || next.state === "runnable") return false;
    const { engine } = this.#machine;
    const mayGoOn = ({ daemon, state, pauses }: Process): boolean =>
      !daemon && (state !== "parked" || pauses);
    return !engine.processes.some(mayGoOn) && deadlocked(engine, false).length > 0;
  }

  /** Somebody whose step nobody else can notice; -1 if there is none. */
  #unseen(ready: readonly Process[]): number {
    const { visibility } = this.#options;
    return visibility ? ready.findIndex((process) => visibility.isInvisible(process)) : -1;
  }

  #ask(what: string, options: number, ready: readonly Process[] | undefined, couldGoOn: boolean): number {
    const answer = this.#guide.answer({
      number: this.#answers.length,
      what,
      options,
      ready,
      couldGoOn,
      state: () => this.#past.state(ready ?? []),
      steps: this.#steps,
    });
    if (answer === END) {
      this.#ended = true;
      return 0;
    }
    if (!(answer >= 0 && answer < options)) fail("a guide picks one of the possibilities");
    this.#answers.push(answer);
    this.#choices.push(answer);
    return answer;
  }

  /** Writes down the step that was running; false if there was none. */
  #closeStep(): boolean {
    const accesses = this.#machine.engine.accesses?.take();
    if (!this.#running || !accesses) return false;
    const { process, label, preempts, question } = this.#running;
    this.#running = undefined;
    this.#past.add({
      process,
      role: this.#roles.of(process),
      accesses,
      chose: this.#chose,
    });
    this.#steps.push({
      process: process.id,
      name: process.name,
      daemon: process.daemon,
      forgetful: process.forgetful,
      label,
      stops: process.state === "done" ? "done" : process.label,
      accesses,
      chose: this.#chose,
      preempts,
      question,
    });
    this.#chose = [];
    return true;
  }
}
