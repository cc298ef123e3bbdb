import { Bio, type BlockDevice } from "./block/index.ts";
import { staleMapping } from "./breaches.ts";
import { type Actor, Mutex, type Pages, pagesOf } from "./engine/index.ts";
import type { Errno, FileHandle, OperationResult, SwapControl, SwaponOptions } from "./fs/index.ts";
import type { Machine } from "./machine.ts";
import { PoolPages, tryToUnuse } from "./mm/index.ts";
import type { SwapSpec } from "./scenario.ts";
import {
  makeSwap,
  type SwapArea,
  type SwapHeader,
  type SwapStrategy,
  type SwapTarget,
  strategies,
  swapoff,
  swapon,
} from "./swap/index.ts";

/** Character devices that every machine has; swap goes to block devices and regular files only. */
const CHARACTER_DEVICES: readonly string[] = ["/dev/null", "/dev/zero"];

/** SWAP_FLAGS_VALID: preference, discard and its two variants, priority (include/linux/swap.h, 6.1). */
const SWAP_FLAGS_VALID = 0x7ffff;

/** What a path leads to. */
interface Found {
  readonly name: string;
  readonly target: SwapTarget;
  readonly pages: Pages;
}

/** swapon, swapoff and mkswap as the machine's administrator calls them, and swapon at boot. */
export class MachineSwap implements SwapControl {
  /** Files that steps hold open, by name: /proc/fd/NAME. */
  readonly open: Map<string, FileHandle> = new Map();
  readonly #machine: Machine;
  /** Headers by the bytes of the page they were written to: a copy of the page is a copy of the header. */
  readonly #written = new Map<number, SwapHeader>();
  /** Headers of areas that were made before the machine started. */
  readonly #early = new Map<BlockDevice | FileHandle, SwapHeader>();
  readonly #targets = new Map<SwapArea, SwapTarget>();
  /** Inode locks of block devices; files have their own. */
  readonly #locks = new Map<BlockDevice, Mutex>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** After a power loss nothing is open and nothing is swap. */
  forget(): void {
    this.#targets.clear();
    this.#locks.clear();
    this.open.clear();
  }

  /** Switches all areas of the scenario on, in order; stops at the first refusal and tells it. */
  *boot(): Actor<string | undefined> {
    for (const spec of this.#machine.scenario.swap) {
      const found = this.#machine.swapTarget(spec);
      const header = makeSwap(Math.min(spec.headerPages ?? found.pages, found.pages));
      this.#early.set(keyOf(found.target), header);
      const activate = this.#activate(found, header, options(spec));
      const answer = yield* this.#underInodeLock(found.target, activate);
      if (answer.errno !== undefined) return `${answer.errno}, ${answer.achieved}`;
    }
    return undefined;
  }

  *mkswap(
    path: string,
    { pages, broken }: { readonly pages?: number; readonly broken?: string },
  ): Actor<OperationResult> {
    const found = this.#find(path);
    if (typeof found === "string") return failed(found);
    const header = damaged(makeSwap(pages ?? found.pages), broken);
    const { target } = found;
    if (target.kind === "file") {
      const errno = yield* target.fs.write(target.file, 0, 1);
      if (errno !== undefined) return failed(errno);
    } else {
      const { owners, generations } = this.#machine;
      const owner = owners.add("header", found.name).id;
      const bio = Bio.writeRun(0, 1, { generation: generations.take(1), owner, index: 0 });
      if ((yield* target.device.submitAndWait(bio, "mkswap")) !== "ok") return failed("EIO");
    }
    this.#written.set(yield* this.#firstPage(target), header);
    this.#early.delete(keyOf(target));
    return { errno: undefined, achieved: `a header for ${header.lastPage + 1} pages`, skipped: [] };
  }

  /** swapon(2), in the order of 6.1: flags, privilege, open, claim, header, the filesystem's activation. */
  *swapon(path: string, given: SwaponOptions): Actor<OperationResult> {
    if ((given.flags & ~SWAP_FLAGS_VALID) !== 0) return failed("EINVAL");
    if (!given.privileged) return failed("EPERM");
    const found = yield* this.#openForSwap(path);
    if (typeof found === "string") return failed(found);
    if (this.#machine.swap.isFullOfAreas) return failed("EPERM");
    return yield* this.#underInodeLock(found.target, this.#swaponLocked(found, given));
  }

  *#swaponLocked(found: Found, given: SwaponOptions): Actor<OperationResult> {
    const claimed = this.#claim(found.target);
    if (claimed !== undefined) return failed(claimed);
    if (isUnlinked(found.target)) return failed("ENOENT");
    const header = yield* this.#headerOf(found);
    const { failslab } = this.#machine;
    if (given.failAllocation !== undefined) failslab.arm(given.failAllocation);
    const result = yield* this.#activate(found, header, given);
    failslab.disarm();
    return result;
  }

  *swapoff(path: string, privileged: boolean): Actor<OperationResult> {
    if (!privileged) return failed("EPERM");
    const found = yield* this.#openForSwap(path);
    if (typeof found === "string") return failed(found);
    const area = this.#areaOn(found.target);
    if (!area) return failed("EINVAL");
    const { mm, swap } = this.#machine;
    const errno = yield* swapoff(swap, area, (closed) => tryToUnuse(mm, closed));
    if (errno !== undefined) return failed(errno);
    this.#targets.delete(area);
    return { errno, achieved: `switched ${found.name} off`, skipped: [] };
  }

  /** blkdev_write_iter: the inode of a device that is swap refuses users as a swap file does. */
  *writeDevice(path: string, first: number, count: number): Actor<Errno | undefined> {
    const found = this.#find(path);
    if (typeof found === "string") return found;
    const { target } = found;
    if (target.kind !== "device") return "EINVAL";
    if (this.#areaOn(target)) return "ETXTBSY";
    const { generations, owners } = this.#machine;
    const owner = owners.add("header", path).id;
    const generation = generations.take(count);
    const bio = Bio.writeRun(first, count, { generation, owner, index: 0 });
    return (yield* target.device.submitAndWait(bio, "blkdev_write_iter")) === "ok" ? undefined : "EIO";
  }

  limitGroup(name: string, bytes: number): OperationResult {
    const group = this.#machine.mm.groups.find((candidate) => candidate.name === name);
    if (!group || group.isRoot) return failed("ENOENT");
    group.limits = { ...group.limits, max: Number.isFinite(bytes) ? pagesOf(bytes) : bytes };
    return { errno: undefined, achieved: `memory.max of ${name} is ${bytes} bytes`, skipped: [] };
  }

  /** The area is made and enabled. */
  *#activate(
    { target, pages, name }: Found,
    header: SwapHeader,
    given: SwaponOptions,
  ): Actor<OperationResult> {
    const machine = this.#machine;
    const owner = target.kind === "file" ? target.file.owner : machine.owners.add("header", name).id;
    if (target.kind === "file") machine.fileOracle.declareSwapFile(owner);
    const transport = strategyFor(machine, target).open(
      {
        engine: machine.engine,
        processors: machine.processors,
        target,
        poolPages: new PoolPages(machine.mm),
        owner,
        faults: machine.faults,
        failslab: machine.failslab,
        log: (line) => machine.logLine(line),
        observer: {
          wroteRaw: (device, block, content, fileBlock) =>
            machine.fileOracle.wroteRaw(owner, { device, block }, content, fileBlock),
        },
      },
      machine.variant.options,
    );
    const result = yield* swapon(machine.engine, machine.swap, {
      name,
      header,
      targetPages: pages,
      ...(target.kind === "file" ? { file: target } : {}),
      priority: given.priority,
      ...(given.discard === undefined ? {} : { discard: given.discard }),
      transport,
      failslab: machine.failslab,
    });
    machine.logLine(result.message);
    if (result.errno === undefined) {
      this.#targets.set(result.area, target);
      machine.staleMappings.push(...staleMapping(result.area));
    }
    return { errno: result.errno, achieved: result.message, skipped: [] };
  }

  /** What a path leads to, as open(2) would find it. */
  #find(path: string): Found | Errno {
    const fs = this.#machine.filesystem;
    const [, open] = /^\/proc\/fd\/(.+)$/.exec(path) ?? [];
    const held = open === undefined ? undefined : this.open.get(open);
    if (CHARACTER_DEVICES.includes(path)) return "EINVAL";
    const [, name] = /^\/dev\/(.+)$/.exec(path) ?? [];
    const device = name === undefined ? undefined : this.#machine.devices.get(name);
    if (device) return { name: path, target: { kind: "device", device }, pages: device.size };
    if (fs?.isDirectory?.(path)) return "EISDIR";
    const file = held ?? fs?.lookup(path);
    if (!fs || !file) return "ENOENT";
    return { name: file.path, target: { kind: "file", fs, file }, pages: file.size };
  }

  /** The path is opened for reading and writing (file_open_name in swapon and swapoff). */
  *#openForSwap(path: string): Actor<Found | Errno> {
    const found = this.#find(path);
    if (typeof found === "string" || found.target.kind === "device") return found;
    const { fs, file } = found.target;
    if (fs.isGone?.(file)) return "ENOENT";
    const opened = yield* fs.fileOperations?.access(file, "open for writing", "swapon") ?? nothing();
    // A name may have gone meanwhile, a file that is held open may not.
    if (!path.startsWith("/proc/fd/") && fs.lookup(path) !== file) return "ENOENT";
    return opened?.errno ?? found;
  }

  /** From the claim to S_SWAPFILE swapon(2) holds the lock of the inode, be it a file or a device. */
  *#underInodeLock<Result>(target: SwapTarget, run: Actor<Result>): Actor<Result> {
    const unlock =
      target.kind === "file"
        ? yield* target.fs.lockInode(target.file)
        : yield* this.#lockDevice(target.device);
    const result = yield* run;
    unlock();
    return result;
  }

  *#lockDevice(device: BlockDevice): Actor<() => void> {
    const lock = this.#locks.get(device) ?? new Mutex(this.#machine.engine, `inode lock of ${device.name}`);
    this.#locks.set(device, lock);
    yield* lock.lock("inode_lock (swapon)");
    return () => lock.unlock();
  }

  /** claim_swapfile: a block device must be free; nothing may be swap already. */
  #claim(target: SwapTarget): Errno | undefined {
    const { filesystem } = this.#machine;
    if (target.kind === "device" && filesystem?.usesDevice?.(target.device)) return "EBUSY";
    return this.#areaOn(target) ? "EBUSY" : undefined;
  }

  #areaOn(target: SwapTarget): SwapArea | undefined {
    for (const [area, known] of this.#targets) if (keyOf(known) === keyOf(target)) return area;
    return undefined;
  }

  *#headerOf({ target }: Found): Actor<SwapHeader> {
    const early = this.#early.get(keyOf(target));
    if (early) return early;
    return this.#written.get(yield* this.#firstPage(target)) ?? NO_HEADER;
  }

  /** Generation of the first page; 0 if it has none. */
  *#firstPage(target: SwapTarget): Actor<number> {
    if (target.kind === "device") return target.device.contents.generationAt(0);
    if (target.file.size === 0) return 0;
    const page = yield* target.fs.readFolio(target.file, 0);
    return typeof page === "string" ? 0 : page.content.generation;
  }
}

/** A block device needs no filesystem, whatever the strategy does with files; and the other way round (6.1's own way). */
function strategyFor({ strategy }: Machine, { kind }: SwapTarget): SwapStrategy {
  if (strategy.targets === kind) return strategy;
  return strategies.require(kind === "device" ? "partition" : "pinned");
}

const NO_HEADER: SwapHeader = { signature: "missing", version: 1, lastPage: 0, badPages: [] };

function options({ priority }: SwapSpec): SwaponOptions {
  return { priority, discard: undefined, flags: 0, privileged: true };
}

function keyOf(target: SwapTarget): BlockDevice | FileHandle {
  return target.kind === "device" ? target.device : target.file;
}

function failed(errno: Errno): OperationResult {
  return { errno, achieved: "nothing", skipped: [] };
}

/** d_unlinked: the file lost its name before its lock was free. */
function isUnlinked(target: SwapTarget): boolean {
  return target.kind === "file" && target.fs.isGone?.(target.file) === true;
}

function* nothing(): Actor<undefined> {
  return undefined;
}

/** A header with one thing wrong in it. */
function damaged(header: SwapHeader, broken: string | undefined): SwapHeader {
  switch (broken) {
    case "signature":
      return { ...header, signature: "missing" };
    // mkswap for larger pages puts the signature behind the first 4 KiB, where nobody looks for it.
    case "page size":
      return { ...header, signature: "missing" };
    case "version":
      return { ...header, version: 2 };
    case "empty":
      return { ...header, lastPage: 0 };
    case "byte order":
      return { ...header, otherByteOrder: true };
    case "bad page count":
      return { ...header, otherByteOrder: true, badPageCount: 1_000_000 };
    case "bad pages":
      return { ...header, badPages: [1] };
    default:
      return header;
  }
}
