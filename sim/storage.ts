import {
  type BackingFile,
  type BlockContent,
  type BlockDevice,
  type BlockMemory,
  createBlockDevice,
  deviceModels,
  type FailingRequests,
  stackedDevices,
} from "./block/index.ts";
import type { CostName } from "./costs.ts";
import { type Actor, assert, type Costs, type Engine, type Processors, pagesOf } from "./engine/index.ts";
import type { FileHandle, Filesystem } from "./fs/index.ts";
import type { DeviceSpec } from "./scenario.ts";

/** What the devices of a machine need. */
export interface StorageContext {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly memory: BlockMemory;
  readonly faults: ReadonlySet<string>;
  readonly costs: Costs<CostName>;
  /** Somebody will cut the power. */
  readonly trackDurability: boolean;
  /** An explorer may let such requests end with EIO. */
  readonly failsByChoice?: FailingRequests;
}

/** The block devices of a machine: those with a medium, and those that lie over other devices or over files. */
export class Storage {
  readonly devices: Map<string, BlockDevice> = new Map();
  readonly #context: StorageContext;
  readonly #specs: readonly DeviceSpec[];

  constructor(context: StorageContext, specs: readonly DeviceSpec[]) {
    this.#context = context;
    this.#specs = specs;
    for (const spec of specs) if (spec.over === undefined) this.#createPlain(spec);
    this.#stack(undefined);
  }

  /** The filesystem is made: what lies over its files can be made too. */
  addOverFiles(fs: Filesystem): void {
    this.#stack(fs);
  }

  #createPlain({
    name,
    model,
    size,
    rotational,
    requestsPerSecond,
    over: _over,
    ...faults
  }: DeviceSpec): void {
    const known = deviceModels.require(model);
    const sheet = rotational === undefined ? known : { ...known, rotational };
    const { engine, trackDurability, failsByChoice } = this.#context;
    this.devices.set(
      name,
      createBlockDevice(engine, {
        name,
        model: sheet,
        size: pagesOf(size),
        trackDurability,
        ...(failsByChoice === undefined ? {} : { failsByChoice }),
        ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
        ...(Object.keys(faults).length > 0 ? { faults } : {}),
      }),
    );
  }

  /** Makes what can be made, lowest first, whatever the order of the scenario. */
  #stack(fs: Filesystem | undefined): void {
    for (let made = true; made; ) {
      made = false;
      for (const spec of this.#specs) {
        if (!this.devices.has(spec.name) && this.#createOver(spec, fs)) made = true;
      }
    }
  }

  #createOver({ name, model, over }: DeviceSpec, fs: Filesystem | undefined): boolean {
    assert(over !== undefined, "a device without a medium lies over something");
    const kind = stackedDevices.require(model);
    if (kind.over === "file") {
      const file = fs?.lookup(over);
      if (!fs || !file) return false;
      const below = { kind: "file", file: backingFile(fs, file) } as const;
      this.devices.set(name, kind.create(this.#context, name, below));
      return true;
    }
    const device = this.devices.get(over);
    if (!device) return false;
    this.devices.set(name, kind.create(this.#context, name, { kind: "device", device }));
    return true;
  }
}

/** A file for the device over it: direct I/O, of many pages at once where the filesystem can. */
function backingFile(fs: Filesystem, file: FileHandle): BackingFile {
  return {
    size: file.size,
    rotational: fs.superBlockDevice?.model.rotational ?? false,
    read: (first, count) => readPages(fs, file, first, count),
    write: (first, contents) => writePages(fs, file, first, contents),
    flush: () => fs.sync(),
    contents: {
      at: (block) => contentOf(fs, file, block),
      generationAt: (block) => contentOf(fs, file, block).generation,
      write: (block, ...content) => {
        const place = fs.bmap(file, block);
        place?.device.contents.write(place.block, ...content);
      },
    },
  };
}

function* readPages(
  fs: Filesystem,
  file: FileHandle,
  first: number,
  pages: number,
): Actor<readonly BlockContent[] | undefined> {
  if (fs.swapRw) {
    const found = yield* fs.swapRw(file, { operation: "read", first, pages });
    return typeof found === "string" ? undefined : found;
  }
  const contents: BlockContent[] = [];
  for (let block = first; block < first + pages; block++) {
    const found = yield* fs.directRead(file, block);
    if (typeof found === "string") return undefined;
    contents.push(found.content);
  }
  return contents;
}

function* writePages(
  fs: Filesystem,
  file: FileHandle,
  first: number,
  contents: readonly BlockContent[],
): Actor<boolean> {
  if (fs.swapRw) {
    const pages = contents.length;
    return typeof (yield* fs.swapRw(file, { operation: "write", first, pages, contents })) !== "string";
  }
  for (const [offset, content] of contents.entries()) {
    if ((yield* fs.directWrite(file, first + offset, content)) !== undefined) return false;
  }
  return true;
}

function contentOf(fs: Filesystem, file: FileHandle, block: number): BlockContent {
  const known = fs.contentOf?.(file, block);
  if (known) return known;
  const place = fs.bmap(file, block);
  return place?.device.contents.at(place.block) ?? { generation: 0, owner: 0, index: 0 };
}
