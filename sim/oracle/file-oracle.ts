import type {
  BlockContent,
  BlockDevice,
  Generation,
  OwnerId,
  OwnerKind,
  OwnerTable,
} from "../block/index.ts";
import type { Instant, Pages } from "../engine/index.ts";
import type { ViolationClass, ViolationLedger } from "./violations.ts";
/** Somebody who refers to a block, as the filesystem tells it. */
export interface BlockHolder {
  readonly owner: OwnerId;
  readonly index: number;
}

export interface Place {
  readonly device: BlockDevice;
  readonly block: number;
}

export interface FileOracleContext {
  now(): Instant;
  readonly owners: OwnerTable;
  readonly ledger: ViolationLedger;
  /** Everybody who refers to a block right now. */
  holdersOf(place: Place): readonly BlockHolder[];
}

const FIRST_BLOCKS = 64;

/** Which class it is when the bytes of such an owner come to harm. */
const CLASS_OF: Readonly<Record<OwnerKind, ViolationClass>> = {
  nobody: "B",
  memory: "B",
  file: "B",
  header: "B",
  "snapshot-file": "F",
  metadata: "C",
};

/**
 * What every block of every file, snapshot and tree must hold. Listens to writes; compares at reads; and looks, for
 * each swap write past the filesystem, whose block it hits.
 */
export class FileOracle {
  readonly #context: FileOracleContext;
  readonly #expected = new Map<OwnerId, Uint32Array>();
  readonly #swapFiles = new Set<OwnerId>();

  constructor(context: FileOracleContext) {
    this.#context = context;
  }

  /** The contents of this file are pages, judged by the page oracle; others' claims on its blocks still count. */
  isSwapFile(owner: OwnerId): boolean {
    return this.#swapFiles.has(owner);
  }

  declareSwapFile(owner: OwnerId): void {
    this.#swapFiles.add(owner);
  }

  wrote(file: OwnerId, first: Pages, count: Pages, generation: Generation): void {
    const blocks = this.#blocksOf(file, first + count);
    for (let offset = 0; offset < count; offset++) blocks[first + offset] = generation + offset;
  }

  read(file: OwnerId, block: Pages, found: BlockContent, place: Place): void {
    if (this.#swapFiles.has(file)) return;
    const expected = this.#expected.get(file)?.[block] ?? 0;
    if (found.generation === expected) return;
    this.#harmed(file, block, found, expected, place, "a reader got these bytes");
    this.wrote(file, block, 1, found.generation);
  }

  /** Two copies of a block must hold the same: whoever reads gets either. */
  compareMirrors(file: OwnerId, block: Pages, first: BlockContent, other: BlockContent, place: Place): void {
    if (first.generation !== other.generation) {
      this.#harmed(file, block, other, first.generation, place, "the copies of the block differ", "G");
    }
  }

  cloned(from: OwnerId, to: OwnerId, first: Pages, count: Pages): void {
    const source = this.#blocksOf(from, first + count);
    this.#blocksOf(to, first + count).set(source.subarray(first, first + count), first);
  }

  removed(file: OwnerId, first: Pages, count: Pages): void {
    const blocks = this.#expected.get(file);
    if (blocks) blocks.fill(0, first, Math.min(first + count, blocks.length));
  }

  /** A swap write past the filesystem: right if that block of the swap file still lies there and nobody else's. */
  wroteRaw(swapFile: OwnerId | undefined, place: Place, content: BlockContent, fileBlock: Pages): void {
    for (const { owner, index } of this.#context.holdersOf(place)) {
      if (owner !== swapFile || index !== fileBlock) {
        const expected = this.#expected.get(owner)?.[index] ?? 0;
        this.#harmed(owner, index, content, expected, place, "swap wrote over the block");
      }
      this.wrote(owner, index, 1, content.generation);
    }
  }

  #blocksOf(file: OwnerId, atLeast: Pages): Uint32Array {
    const blocks = this.#expected.get(file);
    if (blocks && blocks.length >= atLeast) return blocks;
    const larger = new Uint32Array(Math.max(FIRST_BLOCKS, atLeast, (blocks?.length ?? 0) * 2));
    if (blocks) larger.set(blocks);
    this.#expected.set(file, larger);
    return larger;
  }

  #harmed(
    file: OwnerId,
    block: Pages,
    found: BlockContent,
    expected: Generation,
    place: Place,
    last: string,
    kind: ViolationClass = CLASS_OF[this.#context.owners.get(file).kind],
  ): void {
    const { ledger, owners } = this.#context;
    const at = this.#context.now();
    const writer = owners.describe(found.owner, found.index);
    ledger.fileHarmed(file);
    ledger.add(kind, () => ({
      class: kind,
      at,
      what: owners.describe(file, block),
      got: found.generation === 0 ? "zeroes" : `generation ${found.generation} of ${writer}`,
      expected: `generation ${expected}`,
      because: [
        ...place.device.history.of(place.block, owners),
        { at, what: `${last}: ${writer} in block ${place.block} of ${place.device.name}` },
      ],
    }));
  }
}
