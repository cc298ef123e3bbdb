import { type Actor, MILLISECOND } from "../../../sim/engine/index.ts";
import type {
  FileHandle,
  FileSpec,
  FilesystemMemory,
  PatchNumber,
  SeriesOptions,
} from "../../../sim/fs/index.ts";
import { findCycle } from "../../../sim/wait-for-graph.ts";
import { BtrfsMachine } from "./btrfs-machine.ts";

/** Blocks of the swap file. */
export const SLOTS = 64;

/** A hand-written schedule: what happens at an allocation. Each entry is used once; false lets the allocation fail. */
export class ScriptedMemory implements FilesystemMemory {
  readonly script = new Map<string, () => Actor<boolean>>();

  *allocate(site: string): Actor<boolean> {
    const act = this.script.get(site);
    this.script.delete(site);
    return act ? yield* act() : true;
  }

  *allocatePage(site: string): Actor {
    yield* this.allocate(site);
  }

  asReclaimer<Result>(run: Actor<Result>): Actor<Result> {
    return run;
  }

  fail(site: string): void {
    this.script.set(site, function* () {
      return false;
    });
  }

  /** The allocation finds no memory and reclaims: `act` runs in the task that asked. */
  reclaim(site: string, act: () => Actor<unknown>): void {
    this.script.set(site, function* () {
      yield* act();
      return true;
    });
  }
}

interface Setup extends Partial<SeriesOptions> {
  readonly file?: Partial<FileSpec>;
  readonly faults?: readonly string[];
  readonly leaveOut?: readonly PatchNumber[];
  readonly model?: string;
}

/** A btrfs of Linux 3.18 with a swap file of the series, used without memory management: slots are written and read. */
export class SeriesMachine extends BtrfsMachine {
  readonly memory: ScriptedMemory;
  readonly file: FileHandle;
  readonly options: SeriesOptions;
  #generation = 1_000_000;

  constructor({ file = {}, faults = [], leaveOut = [], model = "nvme-consumer", ...given }: Setup = {}) {
    const memory = new ScriptedMemory();
    super({ kernel: "linux-3.18", model, faults, memory });
    this.memory = memory;
    const patches = new Set(([1, 2, 3, 4, 5] as const).filter((number) => !leaveOut.includes(number)));
    this.options = { version: "v2", patches, stall: 0, ...given };
    this.file = this.create("/swapfile", SLOTS, { nocow: true, ...file });
  }

  /** swapon up to the activation, and its end. Returns what swapon would print if it fails. */
  activate(): string {
    const { fs, file, options } = this;
    return this.run(
      (function* (): Actor<string> {
        const unlock = yield* fs.lockInode(file);
        const answer = yield* fs.series2014.swapActivate(file, options);
        if (answer.errno === undefined) yield* fs.series2014.enabled(file);
        unlock();
        return answer.errno === undefined ? "ok" : `${answer.errno}: ${answer.message}`;
      })(),
    );
  }

  /** As in BtrfsMachine, but somebody else may hang meanwhile. */
  override run<Result>(actor: Actor<Result>): Result {
    let result: { value: Result } | undefined;
    this.start(
      (function* (): Actor {
        result = { value: yield* actor };
      })(),
    );
    let until = this.engine.now;
    for (let tries = 0; !result && tries < 20_000; tries++) {
      until += MILLISECOND;
      this.engine.run(until);
    }
    if (!result) throw new Error(`the actor did not end: ${findCycle(this.engine) ?? "it waits"}`);
    return result.value;
  }

  get series(): typeof this.fs.series2014 {
    return this.fs.series2014;
  }

  /** Bytes that nobody has written yet. */
  fresh(slot: number): { generation: number; owner: number; index: number } {
    return { generation: this.#generation++, owner: this.file.owner, index: slot };
  }

  /** Writes a page to a slot and returns its generation, or why it failed. */
  *swapOut(slot: number): Actor<number | string> {
    const content = this.fresh(slot);
    const errno = yield* this.series.directWrite(this.file, slot, content);
    return errno ?? content.generation;
  }

  /** The generation that a slot holds, or why it cannot be read. */
  *swapIn(slot: number): Actor<number | string> {
    const found = yield* this.series.directRead(this.file, slot);
    return typeof found === "string" ? found : found.content.generation;
  }

  /** The kernel stores to a page of a program that lies in a slot. */
  *faultOn(slot: number): Actor {
    yield* this.swapIn(slot);
  }

  /** Fills the filesystem up to one block. The file returned holds another one. */
  fillData(): FileHandle {
    const [hole, spare] = [this.create("/hole", 1), this.create("/spare", 1)];
    const fill = (number: number, blocks: number): boolean => {
      const spec = { nocow: true, preallocated: true, extents: 1 };
      const made = this.fs.createFile({ path: `/filler${number}`, size: blocks * 4096, ...spec });
      return typeof made !== "string";
    };
    for (let blocks = 2 ** 20, number = 0; blocks >= 1; number++) {
      if (!fill(number, blocks)) blocks = Math.floor(blocks / 2);
    }
    this.run(this.fs.unlink(hole.path, "s"));
    this.run(this.fs.sync());
    return spare;
  }

  out(slot: number): number | string {
    return this.run(this.swapOut(slot));
  }

  in(slot: number): number | string {
    return this.run(this.swapIn(slot));
  }

  /** Starts something that is expected to hang, lets it run, and returns what the wait-for graph says. */
  hang(...actors: readonly Actor<unknown>[]): string {
    for (const actor of actors) this.start(actor);
    this.wait(10_000 * MILLISECOND);
    return findCycle(this.engine) ?? "nothing hangs";
  }
}
