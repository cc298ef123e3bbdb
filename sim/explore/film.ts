import type { Machine } from "../machine.ts";
import type { Scenario, StrategyVariant } from "../scenario.ts";
import { type LockState, LockWatch, type Wait, waitsOf } from "./locks-held.ts";
import { type Story, tell } from "./story.ts";
import { type DiskFilm, DiskWatch } from "./stretches.ts";

/** What the machine looks like after a step, as far as it differs from the moment before. */
export interface Moment {
  /** Locks that somebody holds. */
  readonly locks?: readonly LockState[];
  /** Who cannot go on before somebody else does something. */
  readonly waits?: readonly Wait[];
}

/** A run that can be looked at step by step: moment 0 is before the first step, moment n after step n. */
export interface Film {
  readonly disk: DiskFilm;
  readonly moments: readonly Moment[];
}

/** Repeats a run, tells it, and films it on the way. */
export function film(
  scenario: Scenario,
  variant: StrategyVariant,
  choices: readonly number[],
): { readonly story: Story; readonly film: Film } {
  const camera = new Camera();
  const story = tell(scenario, variant, choices, (machine) => camera.look(machine));
  return { story, film: camera.develop() };
}

class Camera {
  readonly #disk = new DiskWatch();
  readonly #locks = new LockWatch();
  readonly #moments: Moment[] = [];
  #before: Required<Moment> = { locks: [], waits: [] };

  look(machine: Machine): void {
    this.#disk.look(machine);
    const now = { locks: this.#locks.held(machine.engine), waits: waitsOf(machine.engine) };
    this.#moments.push({
      ...(differ(now.locks, this.#before.locks) ? { locks: now.locks } : {}),
      ...(differ(now.waits, this.#before.waits) ? { waits: now.waits } : {}),
    });
    this.#before = now;
  }

  develop(): Film {
    return { disk: this.#disk.develop(), moments: this.#moments };
  }
}

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
