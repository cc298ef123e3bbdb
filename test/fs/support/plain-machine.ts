import {
  createBlockDevice,
  deviceModels,
  GenerationCounter,
  OwnerTable,
  type SimulatedDevice,
} from "../../../sim/block/index.ts";
import {
  type Actor,
  Engine,
  PAGE_SIZE,
  type ParameterValues,
  Processors,
} from "../../../sim/engine/index.ts";
import { Ext4 } from "../../../sim/fs/ext4/ext4.ts";
import { ext4 } from "../../../sim/fs/ext4/index.ts";
import { F2fs } from "../../../sim/fs/f2fs/f2fs.ts";
import { f2fs } from "../../../sim/fs/f2fs/index.ts";
import type { FilesystemType } from "../../../sim/fs/filesystem-type.ts";
import type { FileHandle, FileObserver, FileSpec, Filesystem, Relocation } from "../../../sim/fs/index.ts";

/** Generations that a file must hold, block by block, as an observer heard of them; 0 is zeroes. */
export class HeardContents implements FileObserver {
  readonly #expected = new Map<number, number[]>();
  readonly relocations: {
    first: number;
    count: number;
    how: Relocation;
    operation: string;
    reason: string;
  }[] = [];
  readonly wrongReads: string[] = [];
  reads = 0;

  expected(file: FileHandle, block: number): number {
    return this.#expected.get(file.owner)?.[block] ?? 0;
  }

  wrote(file: number, first: number, count: number, generation: number): void {
    const blocks = this.#expected.get(file) ?? [];
    this.#expected.set(file, blocks);
    for (let offset = 0; offset < count; offset++) blocks[first + offset] = generation + offset;
  }

  read(file: number, block: number, found: { generation: number }): void {
    const expected = this.#expected.get(file)?.[block] ?? 0;
    this.reads++;
    if (found.generation !== expected) this.wrongReads.push(`${block}: ${found.generation}, not ${expected}`);
  }

  cloned(): void {}

  removed(file: number, first: number, count: number): void {
    this.#expected.get(file)?.fill(0, first, first + count);
  }

  relocated(
    _file: number,
    first: number,
    count: number,
    how: Relocation,
    operation: string,
    reason: string,
  ): void {
    this.relocations.push({ first, count, how, operation, reason });
  }
}

/** A filesystem that has nothing else on its one device. */
export interface PlainMachine<Type extends Filesystem> {
  readonly engine: Engine;
  readonly device: SimulatedDevice;
  readonly fs: Type;
  /** What it told the kernel log. */
  readonly lines: readonly string[];
  readonly owners: OwnerTable;
  readonly heard: HeardContents;
  /** Makes a file of so many blocks; it must fit. */
  create(path: string, blocks: number, spec?: Partial<FileSpec>): FileHandle;
  /** Runs an actor to its end and returns what it returned. */
  run<Result>(actor: Actor<Result>): Result;
  /** Starts an actor that goes on when somebody else runs. */
  start(actor: Actor<unknown>): void;
  /** Everything that runs ends where it stands; the filesystem is mounted again. */
  losePower(): void;
}

export type Ext4Machine = PlainMachine<Ext4>;
export type F2fsMachine = PlainMachine<F2fs>;

interface PlainOptions {
  readonly blocks?: number;
  readonly model?: string;
  readonly mount?: ParameterValues;
  readonly faults?: readonly string[];
}

/** An ext4 filesystem alone on a device of 16 MiB. */
export function ext4Machine(options: PlainOptions = {}): Ext4Machine {
  return plainMachine(ext4, { blocks: 4096, ...options }, (fs) => fs instanceof Ext4);
}

/** An f2fs filesystem alone on a device of 128 MiB, which has 56 sections; nothing is collected in the background. */
export function f2fsMachine(options: PlainOptions = {}): F2fsMachine {
  const mount = { backgroundGc: false, ...options.mount };
  return plainMachine(f2fs, { blocks: 32_768, ...options, mount }, (fs) => fs instanceof F2fs);
}

function plainMachine<Type extends Ext4 | F2fs>(
  type: FilesystemType,
  options: PlainOptions,
  isType: (fs: Filesystem) => fs is Type,
): PlainMachine<Type> {
  const engine = new Engine({ seed: type.name });
  const owners = new OwnerTable();
  const heard = new HeardContents();
  const lines: string[] = [];
  const model = deviceModels.require(options.model ?? "ram");
  const device = createBlockDevice(engine, {
    name: "vda",
    model,
    size: options.blocks ?? 0,
    trackDurability: true,
  });
  const processors = new Processors(engine, 2);
  const context = {
    engine,
    processors,
    owners,
    generations: new GenerationCounter(),
    observer: heard,
    faults: new Set(options.faults ?? []),
    log: (line: string) => lines.push(line),
  };
  const fs = type.create(context, [device], options.mount ?? {});
  if (!isType(fs)) throw new Error(`${type.name} makes something else`);
  fs.mount();
  return {
    engine,
    device,
    fs,
    owners,
    heard,
    lines,
    create(path, blocks, spec = {}) {
      const whole = {
        path,
        size: blocks * PAGE_SIZE,
        nocow: false,
        preallocated: false,
        extents: 1,
        ...spec,
      };
      const made = fs.createFile(whole);
      if (typeof made === "string") throw new Error(`${path}: ${made}`);
      return made;
    },
    run<Result>(actor: Actor<Result>): Result {
      let result: { value: Result } | undefined;
      engine.spawn(
        "test",
        (function* () {
          result = { value: yield* actor };
        })(),
      );
      const outcome = engine.run();
      if (!result) throw new Error(`the actor did not end: ${outcome.kind}`);
      return result.value;
    },
    start(actor) {
      engine.spawn("test", actor, { daemon: true });
    },
    losePower() {
      engine.killAllBut(new Set());
      processors.abandon();
      device.powerLoss();
      fs.recover();
      fs.mount();
    },
  };
}

/** Lets simulated time pass. */
export { delay } from "../../../sim/engine/index.ts";
