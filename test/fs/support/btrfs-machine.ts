import {
  createBlockDevice,
  deviceModels,
  GenerationCounter,
  OwnerTable,
  type SimulatedDevice,
} from "../../../sim/block/index.ts";
import {
  type Actor,
  delay,
  Engine,
  MIB,
  PAGE_SIZE,
  type ParameterValues,
  Processors,
} from "../../../sim/engine/index.ts";
import type { Btrfs } from "../../../sim/fs/btrfs/btrfs.ts";
import { btrfsType } from "../../../sim/fs/btrfs/index.ts";
import type { FileHandle, FileSpec, FilesystemMemory, OperationResult } from "../../../sim/fs/index.ts";
import { FileOracle, ViolationLedger } from "../../../sim/oracle/index.ts";

export interface Relocated {
  readonly file: string;
  readonly how: string;
  readonly reason: string;
}

/** btrfs alone on a device, listened to by the real file oracle. */
export class BtrfsMachine {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly owners = new OwnerTable();
  readonly ledger = new ViolationLedger();
  readonly oracle: FileOracle;
  readonly device: SimulatedDevice;
  /** Devices of the filesystem, then spare ones. */
  readonly devices: readonly SimulatedDevice[];
  readonly fs: Btrfs;
  readonly lines: string[] = [];
  readonly relocations: Relocated[] = [];

  constructor(
    options: {
      size?: number;
      model?: string;
      mount?: ParameterValues;
      faults?: readonly string[];
      /** Sizes of the devices if there are several; the last `spare` ones are not in the filesystem. */
      sizes?: readonly number[];
      spare?: number;
      kernel?: string;
      trackDurability?: boolean;
      memory?: FilesystemMemory;
      engine?: Engine;
    } = {},
  ) {
    const { owners } = this;
    const engine = options.engine ?? new Engine({ seed: "btrfs" });
    this.engine = engine;
    this.processors = new Processors(engine, 2);
    const model = deviceModels.require(options.model ?? "ram");
    const sizes = options.sizes ?? [options.size ?? 512 * MIB];
    this.devices = sizes.map((size, index) =>
      createBlockDevice(engine, {
        name: `vd${"abcdefgh"[index]}`,
        model,
        size: size / PAGE_SIZE,
        trackDurability: options.trackDurability ?? false,
      }),
    );
    this.device = this.devices[0]!;
    const oracle = new FileOracle({
      now: () => engine.now,
      owners,
      ledger: this.ledger,
      holdersOf: (place) => this.fs.holdersOf(place),
    });
    this.oracle = oracle;
    const used = this.devices.slice(0, this.devices.length - (options.spare ?? 0));
    const context = {
      engine,
      processors: this.processors,
      owners,
      generations: new GenerationCounter(),
      faults: new Set(options.faults ?? []),
      ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
      ...(options.memory === undefined ? {} : { memory: options.memory }),
      log: (line: string) => this.lines.push(line),
      observer: {
        wrote: oracle.wrote.bind(oracle),
        read: oracle.read.bind(oracle),
        cloned: oracle.cloned.bind(oracle),
        removed: oracle.removed.bind(oracle),
        relocated: (
          file: number,
          _first: number,
          _count: number,
          how: string,
          _operation: string,
          reason: string,
        ) => {
          this.relocations.push({ file: owners.get(file).name, how, reason });
        },
      },
    };
    this.fs = btrfsType.create(context, used, options.mount ?? {}) as Btrfs;
    this.fs.mount();
  }

  create(path: string, blocks: number, spec: Partial<FileSpec> = {}): FileHandle {
    const made = this.fs.createFile({
      path,
      size: blocks * PAGE_SIZE,
      nocow: false,
      preallocated: false,
      extents: 1,
      ...spec,
    });
    if (typeof made === "string") throw new Error(`${path}: ${made}`);
    return made;
  }

  /** Runs an actor to its end and returns what it returned. */
  run<Result>(actor: Actor<Result>): Result {
    let result: { value: Result } | undefined;
    this.engine.spawn(
      "test",
      (function* (): Actor {
        result = { value: yield* actor };
      })(),
    );
    const outcome = this.engine.run();
    if (!result) throw new Error(`the actor did not end: ${outcome.kind}`);
    return result.value;
  }

  /** The errno of an operation, or "ok". */
  answer(operation: Actor<OperationResult>): string {
    return this.run(operation).errno ?? "ok";
  }

  /** Lets simulated time pass. */
  wait(duration: number): void {
    this.run(
      (function* (): Actor {
        yield delay("wait", duration);
      })(),
    );
  }

  /** Data chunks and others as `btrfs inspect-internal dump-tree` shows them: type, logical and physical bytes. */
  chunks(): readonly string[] {
    return this.fs.chunks().map(({ flags, start, length, stripes }) => {
      const places = stripes.map(({ devid, physical }) => `${devid}:${physical}`).join(" ");
      return `${flags} ${start}+${length} at ${places}`;
    });
  }

  /** Starts an actor that goes on while others run. */
  start(actor: Actor<unknown>): void {
    this.engine.spawn("background", actor);
  }

  /** Where the blocks of a file lie on the device. */
  places(file: FileHandle): number[] {
    return Array.from({ length: file.size }, (_, block) => this.fs.bmap(file, block)?.block ?? -1);
  }

  /** Harm and broken invariants after everything was read once. */
  problems(): readonly string[] {
    this.fs.forEachBlock((file, block, place, copies = [], content = undefined) => {
      const found = content ?? place.device.contents.at(place.block);
      this.oracle.read(file.owner, block, found, place);
      for (const copy of copies) {
        this.oracle.compareMirrors(file.owner, block, found, copy.device.contents.at(copy.block), copy);
      }
    });
    return [
      ...this.ledger.listed.map(({ what, got, expected }) => `${what}: ${got}, not ${expected}`),
      ...this.fs.check(),
      ...this.fs.strayPins(),
      ...this.fs.brokenPromises().map(({ what }) => what),
    ];
  }
}
