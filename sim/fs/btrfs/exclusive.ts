import type { FsInfo } from "./fs-info.ts";

/** Operations of which only one may run at a time (enum btrfs_exclusive_operation). */
export type ExclusiveOperation =
  | "balance"
  | "balance paused"
  | "device add"
  | "device remove"
  | "device replace"
  | "resize"
  | "swap activate";

/** The one slot for exclusive operations (btrfs_exclop_start). */
export class Exclusive {
  readonly #info: FsInfo;
  #running: ExclusiveOperation | undefined;

  constructor(info: FsInfo) {
    this.#info = info;
  }

  get running(): ExclusiveOperation | undefined {
    return this.#running;
  }

  /** Takes the slot; false if another operation, or a paused balance, has it. */
  start(operation: ExclusiveOperation): boolean {
    const waived = this.#info.context.faults?.has("ignoreExclusiveOperation") === true;
    if (this.#running !== undefined && !waived) return false;
    this.#running = operation;
    return true;
  }

  /** The paused balance goes on in the slot that it kept. */
  resumeBalance(): void {
    this.#running = "balance";
  }

  end(): void {
    this.#running = undefined;
  }

  /** btrfs_exclop_balance: a balance stops for a while and keeps the slot. */
  pauseBalance(): void {
    this.#running = "balance paused";
  }
}
