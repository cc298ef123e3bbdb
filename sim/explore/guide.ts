import type { Process } from "../engine/index.ts";
import type { Step } from "./execution.ts";

/** One question of a run: who steps next, or something else that could come out one way or another. */
export interface Question {
  /** Which question of the run it is, from 0. */
  readonly number: number;
  /** What is decided; "who steps next" for the order of steps. */
  readonly what: string;
  /** Possibilities, at least 2; the first one is what happens if nobody cares. */
  readonly options: number;
  /** Who may step, if that is the question; the first one stepped last if `couldGoOn`. */
  readonly ready: readonly Process[] | undefined;
  /** The process that stepped last could go on: any other answer than 0 preempts it. */
  readonly couldGoOn: boolean;
  /** The steps so far. */
  readonly steps: readonly Step[];
  /** A number for what has happened so far, up to the order of steps that share nothing; only some searches ask. */
  state(): number;
}

/** The run ends here: nothing new can come of it. */
export const END = -1;

/** Answers the questions of one run. */
export interface Guide {
  /** An option, 0-based, or END. */
  answer(question: Question): number;
}

/** What an answer costs: preemptions of somebody who could have gone on, and things that come out otherwise. */
export function costOf(question: Question, answer: number): number {
  if (answer === 0) return 0;
  return question.ready === undefined || question.couldGoOn ? 1 : 0;
}

/** Answers from a list, then `after` each time. An answer that is not possible any more becomes the last one that is. */
export function follow(answers: readonly number[], after = 0): Guide {
  return { answer: ({ number, options }) => Math.min(answers[number] ?? after, options - 1) };
}
