import type { Pages } from "../../engine/index.ts";
import type { PageNumber } from "../../replacement/index.ts";
import type { AddressSpace } from "../address-space.ts";
import { type FrameId, NO_FRAME } from "../frame-table.ts";

/** The pages of all tasks numbered through, task after task, and the frame that a policy holds for each. */
export class TaskPages {
  /** Frame by page, NO_FRAME for a page that the policy does not hold. */
  frameOf: Int32Array = new Int32Array(0);
  readonly #firsts: PageNumber[] = [];

  get count(): Pages {
    return this.frameOf.length;
  }

  /** How many of the tasks have their numbers. */
  get tasks(): number {
    return this.#firsts.length;
  }

  /** Number of the first page of a task. */
  firstOf(task: number): PageNumber {
    return this.#firsts[task]!;
  }

  /** Numbers the pages of the next task. */
  add(task: AddressSpace): void {
    this.#firsts.push(this.count);
    const frames = new Int32Array(this.count + task.pages).fill(NO_FRAME);
    frames.set(this.frameOf);
    this.frameOf = frames;
  }

  hold(page: PageNumber, frame: FrameId): void {
    this.frameOf[page] = frame;
  }

  release(page: PageNumber): void {
    this.frameOf[page] = NO_FRAME;
  }
}
