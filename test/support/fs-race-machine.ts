import { createBlockDevice, deviceModels, GenerationCounter, OwnerTable } from "../../sim/block/index.ts";
import { fail, PAGE_SIZE, type ParameterValues } from "../../sim/engine/index.ts";
import { blindObserver, type FileHandle, type Filesystem, filesystemTypes } from "../../sim/fs/index.ts";
import { type AddressSpace, KernelMemory, NO_FRAME, PoolPages } from "../../sim/mm/index.ts";
import { blindSwapObserver, FileTransport, makeSwap, swapon } from "../../sim/swap/index.ts";
import { findCycle } from "../../sim/wait-for-graph.ts";
import { RaceMachine } from "./race-machine.ts";

const SLOTS = 512;
const MOVABLE = 0;
/** 1 GiB. */
const DEVICE_BLOCKS = 262_144;

/**
 * A machine that swaps page by page through a filesystem, whose structures come from the machine's memory. Its program has
 * a clean page 0, whose copy is in a slot, and pages 1 to 3 that exist in memory only and are older.
 */
export class FsRaceMachine extends RaceMachine {
  readonly fs: Filesystem;
  readonly swapFile: FileHandle;
  readonly otherFile: FileHandle;
  readonly app: AddressSpace;

  /** `more`: further pages that exist in memory only. */
  constructor(type: string, faults: readonly string[], mount: ParameterValues = {}, more = 0) {
    super({ slots: 0, faults, frames: 64 + more });
    const { engine, mm } = this;
    const context = {
      engine,
      processors: mm.processors,
      owners: new OwnerTable(),
      generations: new GenerationCounter(),
      observer: blindObserver,
      faults: mm.faults,
      memory: new KernelMemory(() => mm),
      log: () => {},
    };
    const model = deviceModels.require("ram");
    const device = createBlockDevice(engine, { name: "disk", model, size: DEVICE_BLOCKS });
    this.fs = filesystemTypes.require(type).create(context, [device], mount);
    this.fs.mount();
    this.swapFile = this.#create("/swapfile");
    this.otherFile = this.#create("/other");
    const file = { fs: this.fs, file: this.swapFile };
    const transport = new FileTransport({
      ...context,
      observer: blindSwapObserver,
      poolPages: new PoolPages(mm),
      owner: this.swapFile.owner,
      target: { kind: "file", ...file },
    });
    const request = { name: "/swapfile", header: makeSwap(SLOTS), targetPages: SLOTS, priority: undefined };
    this.alone(swapon(engine, this.swap, { ...request, file, transport }));
    this.app = this.program(8 + more);
    this.alone(this.thread(this.app, "w0")).alone(this.evict(this.app, 0));
    const others = Array.from({ length: more }, (_, page) => `w${page + 8}`);
    this.alone(this.thread(this.app, ["w1 w2 w3", ...others, "r0"].join(" ")));
  }

  /** Somebody holds all memory above the min mark: whoever wants a page has to reclaim. */
  exhaustMemory(): this {
    while (this.mm.zones.take("min", MOVABLE) !== NO_FRAME);
    return this;
  }

  /** The clean page is stored to: only swap-out gives memory from now on. */
  dirtyEverything(): this {
    return this.alone(this.thread(this.app, "w0"));
  }

  /** A cycle of the wait-for graph, in words. */
  deadlock(): string | undefined {
    return findCycle(this.engine);
  }

  /** What must be empty: who stands still, what reads back wrong, what a recount finds. */
  harm(): readonly unknown[] {
    const deadlock = this.deadlock() ?? [];
    if (deadlock.length === 0) this.alone(this.thread(this.app, "r0 r1 r2 r3"));
    return [deadlock, this.ledger.listed, this.broken()].flat();
  }

  #create(path: string): FileHandle {
    const spec = { path, size: SLOTS * PAGE_SIZE, nocow: true, preallocated: true, extents: 1 };
    const made = this.fs.createFile(spec);
    return typeof made === "string" ? fail(made) : made;
  }
}
