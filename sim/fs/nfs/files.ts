import type { BlockDevice } from "../../block/index.ts";
import { type BlockNumber, hashText, mix, PAGE_SIZE, type Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { FsContext, Holder, Region, SpaceReport, VisitBlock } from "../filesystem.ts";
import { InodeLock } from "./inode-lock.ts";

/** A file of the server: one piece of its disk, some blocks of which may have no space. */
export interface NfsFile extends FileHandle {
  /** The first name; the last one it had if it has none left. */
  path: string;
  readonly names: Set<string>;
  size: Pages;
  start: BlockNumber;
  readonly holes: Set<Pages>;
  /** S_SWAPFILE on the client. */
  isActiveSwap: boolean;
  readonly lock: InodeLock;
}

/** The server's directory and where its files lie. Everything here is atomic: calls to the server are elsewhere. */
export class NfsFiles {
  /** mount -o remount,ro and MNT_DETACH, both of the client. */
  readOnly = false;
  detached = false;
  readonly #context: FsContext;
  readonly #device: BlockDevice;
  readonly #all = new Set<NfsFile>();
  readonly #names = new Map<string, NfsFile>();
  /** Pages given out from the start of the disk; what a file leaves is not given out again. */
  #used: Pages = 0;

  constructor(context: FsContext, device: BlockDevice) {
    this.#context = context;
    this.#device = device;
  }

  all(): readonly NfsFile[] {
    return [...this.#all];
  }

  find(path: string): NfsFile | undefined {
    return this.#names.get(path);
  }

  /** The server has forgotten the file: its handle is stale. */
  isGone(file: NfsFile): boolean {
    return !this.#all.has(file);
  }

  anyActive(): boolean {
    return this.all().some(({ isActiveSwap }) => isActiveSwap);
  }

  add(path: string, size: Pages): Errno | NfsFile {
    if (this.#names.has(path)) return "EEXIST";
    if (this.#used + size > this.#device.size) return "ENOSPC";
    const { owners, engine } = this.#context;
    const { id: owner } = owners.add("file", path);
    const lock = new InodeLock(engine, path);
    const place = { size, start: this.#used, holes: new Set<Pages>() };
    const file: NfsFile = { path, names: new Set(), owner, ...place, isActiveSwap: false, lock };
    this.#used += size;
    this.#all.add(file);
    this.addName(file, path);
    return file;
  }

  /** Another name. */
  addName(file: NfsFile, name: string): void {
    file.names.add(name);
    this.#names.set(name, file);
  }

  /** One name goes, and the file with it if it was the last one. */
  dropName(file: NfsFile, name: string): void {
    file.names.delete(name);
    this.#names.delete(name);
    if (file.path === name) [file.path = name] = file.names;
    if (file.names.size > 0) return;
    this.#all.delete(file);
    this.#context.observer.removed(file.owner, 0, file.size);
  }

  /** A file that grows gets another piece of the disk; what it holds goes along, what is new are holes. */
  resize(file: NfsFile, pages: Pages): boolean {
    if (pages > file.size) {
      if (this.#used + pages > this.#device.size) return false;
      this.#move(file, this.#used);
      for (let block = file.size; block < pages; block++) file.holes.add(block);
      this.#used += pages;
    } else this.punch(file, pages, file.size);
    file.size = pages;
    return true;
  }

  #move(file: NfsFile, to: BlockNumber): void {
    const { contents } = this.#device;
    for (let block = 0; block < file.size; block++) {
      const { generation, owner, index } = contents.at(file.start + block);
      contents.write(to + block, generation, owner, index);
    }
    file.start = to;
  }

  /** Blocks [from, to) get space. */
  allocate({ holes }: NfsFile, from: Pages, to: Pages): void {
    for (let block = from; block < to; block++) holes.delete(block);
  }

  /** Blocks [from, to) lose what they hold, and their space. */
  punch({ start, owner, holes }: NfsFile, from: Pages, to: Pages): void {
    for (let block = from; block < to; block++) {
      this.#device.contents.write(start + block, 0, 0, 0);
      holes.add(block);
    }
    this.#context.observer.removed(owner, from, to - from);
  }

  /** Writes every block of a file that was made before the machine starts. */
  fill({ owner, start, size }: NfsFile): void {
    const generation = this.#context.generations.take(size);
    for (let block = 0; block < size; block++) {
      this.#device.contents.write(start + block, generation + block, owner, block);
    }
    this.#context.observer.wrote(owner, 0, size, generation);
  }

  digest(): number {
    let hash = (this.readOnly ? 1 : 0) + (this.detached ? 2 : 0);
    for (const { names, start, size, holes, isActiveSwap, lock } of this.#all)
      hash = mix(
        hash,
        hashText(`${[...names].join(" ")} ${start} ${size} ${holes.size} ${isActiveSwap} ${lock.mode}`),
      );
    return hash;
  }

  holdersOf(block: BlockNumber): readonly Holder[] {
    const file = this.all().find(({ start, size }) => block >= start && block < start + size);
    return file ? [{ owner: file.owner, index: block - file.start }] : [];
  }

  /** Swap files are left to whoever wrote pages there. */
  forEachBlock(visit: VisitBlock): void {
    const device = this.#device;
    for (const file of this.#all) {
      if (file.isActiveSwap) continue;
      for (let block = 0; block < file.size; block++) {
        if (file.holes.has(block) || device.contents.generationAt(file.start + block) === 0) continue;
        visit(file, block, { device, block: file.start + block });
      }
    }
  }

  check(): readonly string[] {
    const pages = this.all().reduce((sum, { size }) => sum + size, 0);
    return pages <= this.#used ? [] : [`files have ${pages} pages, ${this.#used} were given out`];
  }

  space(): SpaceReport {
    const size = this.#device.size * PAGE_SIZE;
    const dataUsed = this.#used * PAGE_SIZE;
    const none = { metadataUsed: 0, metadataAllocated: 0, pinned: 0 };
    return { size, dataUsed, dataAllocated: dataUsed, ...none, unallocated: size - dataUsed };
  }

  /** The map of a device: files by their place on the server's disk, nothing anywhere else. */
  *regions(device: BlockDevice): Iterable<Region> {
    const files = device === this.#device ? this.all().filter(({ size }) => size > 0) : [];
    let next = 0;
    for (const { start, size, owner } of files.toSorted((a, b) => a.start - b.start)) {
      if (start > next) yield { block: next, count: start - next, kind: "free", owner: undefined };
      yield { block: start, count: size, kind: "data", owner };
      next = start + size;
    }
    if (next < device.size) yield { block: next, count: device.size - next, kind: "free", owner: undefined };
  }
}
