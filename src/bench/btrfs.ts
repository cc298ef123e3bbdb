import {
  type Actor,
  blindObserver,
  createBlockDevice,
  deviceModels,
  Engine,
  type Filesystem,
  filesystemTypes,
  GenerationCounter,
  OwnerTable,
  PAGE_SIZE,
  Processors,
  SimulationBug,
} from "../../sim/index.ts";
import { type BenchCase, type Meters, type Sample, scaled, timed } from "./bench-case.ts";

const TIB = 2 ** 40;
const FILES = 64;
/** Blocks of an extent: 64 KiB, as a fragmented filesystem has them. */
const EXTENT_BLOCKS = 16;
const MANY = 1_000_000;
const FEW = 10_000;
const WRITES = 5000;

/** btrfs alone on a device of 1 TiB, with so many extents in 64 files, half of them without copy-on-write. */
class LoneFilesystem {
  readonly extents: number;
  readonly #engine = new Engine({ seed: "bench" });
  readonly #fs: Filesystem;
  #round = 0;

  constructor(extents: number) {
    const engine = this.#engine;
    const model = deviceModels.require("nvme-datacenter");
    const device = createBlockDevice(engine, { name: "vda", model, size: TIB / PAGE_SIZE });
    const context = {
      engine,
      processors: new Processors(engine, 2),
      owners: new OwnerTable(),
      generations: new GenerationCounter(),
      observer: blindObserver,
      log() {},
    };
    this.#fs = filesystemTypes.require("btrfs").create(context, [device], {});
    const perFile = Math.max(1, Math.floor(extents / FILES));
    this.extents = perFile * FILES;
    for (let file = 0; file < FILES; file++) this.#create(`/file${file}`, perFile, file % 2 === 0);
  }

  #create(path: string, extents: number, nocow: boolean): void {
    const size = extents * EXTENT_BLOCKS * PAGE_SIZE;
    const made = this.#fs.createFile({ path, size, nocow, preallocated: false, extents });
    if (typeof made === "string") throw new SimulationBug(`a bench file fits its filesystem: ${made}`);
  }

  /** Overwrites single blocks all over the files; returns how many. */
  write(count: number): number {
    const blocks = (this.extents / FILES) * EXTENT_BLOCKS;
    for (let at = 0; at < count; at++) {
      const number = this.#round++;
      const file = this.#fs.lookup(`/file${number % FILES}`)!;
      this.#run(this.#fs.write(file, (number * 7919) % blocks, 1));
    }
    return count;
  }

  /** Moves everything once; returns the number of extents. */
  balance(): number {
    this.#run(this.#fs.volume!.balance({ type: "all" }, "bench"));
    return this.extents;
  }

  #run(actor: Actor<unknown>): void {
    this.#engine.spawn("bench", actor);
    this.#engine.run();
  }
}

function building(meters: Meters, extents: number): Sample {
  return timed(meters, () => new LoneFilesystem(extents).extents);
}

const buildBtrfs: BenchCase = {
  name: "btrfs-build",
  unit: "ns",
  operation: "extent of a filesystem of 1 TiB that is being built, contents included",
  reference: "the same with a hundredth of the extents",
  goal: { atMost: 5000 },
  note: "1,000,000 extents of 64 KiB in 64 files: 5 s in all",
  repetitions: 3,
  prepare: (meters, scale) => ({
    subject: () => building(meters, scaled(MANY, scale)),
    reference: () => building(meters, scaled(FEW, scale)),
  }),
};

const writeBtrfs: BenchCase = {
  name: "btrfs-write",
  unit: "ns",
  operation: "write of one block, in place or copy-on-write, among 1,000,000 extents",
  reference: "the same among 10,000 extents",
  goal: { ratioAtMost: 1.5 },
  breakdown:
    "Each write walks three trees of leaves that no cache holds; what grows is the time of a miss. The nodes searched grow " +
    "as the logarithm says (test/fs/btrfs/growth.test.ts); only the walk over full block groups is linear, a comparison " +
    "each, as in the kernel.",
  note: "the logarithm alone would be 1.5; the rest is memory: a million extents do not fit into caches",
  prepare(meters, scale) {
    const [many, few] = [new LoneFilesystem(scaled(MANY, scale)), new LoneFilesystem(scaled(FEW, scale))];
    return {
      subject: () => timed(meters, () => many.write(scaled(WRITES, scale))),
      reference: () => timed(meters, () => few.write(scaled(WRITES, scale))),
    };
  },
};

const balanceBtrfs: BenchCase = {
  name: "btrfs-balance",
  unit: "ns",
  operation: "extent moved by a full balance of 1 TiB with 1,000,000 extents",
  reference: "the same with 10,000 extents",
  goal: { atMost: 60_000 },
  note: "60 s in all; every block is read from the simulated device and written to it",
  repetitions: 1,
  prepare(meters, scale) {
    const [many, few] = [new LoneFilesystem(scaled(MANY, scale)), new LoneFilesystem(scaled(FEW, scale))];
    return {
      subject: () => timed(meters, () => many.balance()),
      reference: () => timed(meters, () => few.balance()),
    };
  },
};

export const btrfsCases: readonly BenchCase[] = [buildBtrfs, writeBtrfs, balanceBtrfs];
