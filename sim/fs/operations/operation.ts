import type { BlockDevice } from "../../block/index.ts";
import {
  type Actor,
  assert,
  type Engine,
  PAGE_SIZE,
  type ParameterValues,
  type RegistryEntry,
} from "../../engine/index.ts";
import type { ByteRange, OperationResult } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { Filesystem } from "../filesystem.ts";

/** How an area is switched on: what swapon(8) is told. */
export interface SwaponOptions {
  readonly priority: number | undefined;
  readonly discard: string | undefined;
  /** Bits of swapon(2) beyond these. */
  readonly flags: number;
  /** Which allocation of kernel memory fails, counted from 1; left out: none. */
  readonly failAllocation?: number | undefined;
  /** The caller has CAP_SYS_ADMIN. */
  readonly privileged: boolean;
}

/** What the timeline can do about swap; the machine has it. A path is a file, /dev/NAME, or /proc/fd/NAME of an open file. */
export interface SwapControl {
  /** Writes a header for so many pages, or for as many as the target has. */
  mkswap(path: string, header: { readonly pages?: number; readonly broken?: string }): Actor<OperationResult>;
  swapon(path: string, options: SwaponOptions): Actor<OperationResult>;
  swapoff(path: string, privileged: boolean): Actor<OperationResult>;
  /** A user writes to a block device. */
  writeDevice(path: string, first: number, count: number): Actor<Errno | undefined>;
  /** memory.max of a memory cgroup in bytes; Infinity: none. */
  limitGroup(name: string, bytes: number): OperationResult;
}

/** What an operation of the timeline works on. */
export interface OperationContext {
  readonly fs: Filesystem;
  readonly engine: Engine;
  readonly swap: SwapControl;
  /** Files that a step has opened, by the names it gave them. */
  readonly open: Map<string, FileHandle>;
  /** A device of the machine, in use by the filesystem or not. */
  device(name: string): BlockDevice | undefined;
  /** One line of the simulated kernel log. */
  log(line: string): void;
  /** Sends a signal to a step of the timeline that runs; false if it does not. */
  interrupt(step: string): boolean;
  /** The kernel stores to the first page of a task; without a name to memory that is there. */
  touch(task: string | undefined): Actor;
  /** Everything that runs ends where it stands, except steps that have not begun; the filesystem is mounted again. */
  losePower(): void;
}

/** A maintenance operation, as an administrator would start it. */
export interface Operation extends RegistryEntry {
  /** It loses what devices have not flushed, so they must keep account of that. */
  readonly cutsPower?: true;
  /** Runs the operation to its end. `id` names the timeline step. */
  run(context: OperationContext, args: ParameterValues, id: string): Actor<OperationResult>;
}

/** The operation did nothing; `why` is one sentence. */
export function refused(errno: Errno, why: string): OperationResult {
  return { errno, achieved: why, skipped: [] };
}

/** What a filesystem answers to an ioctl that it does not have. */
export function unsupported(fs: Filesystem, operation: string): OperationResult {
  return refused("EOPNOTSUPP", `${fs.type} has no ${operation}`);
}

/** What a step says about a call that does nothing but succeed or fail. */
export function answered(errno: Errno | undefined, done: string): OperationResult {
  return { errno, achieved: errno === undefined ? done : "nothing", skipped: [] };
}

/** The file under a path, or the refusal that says there is none. */
export function fileAt(fs: Filesystem, path: string): FileHandle | OperationResult {
  return fs.lookup(path) ?? refused("ENOENT", `there is no file ${path}`);
}

/** The files under `path` and `target`, or the refusal that says that one of them is missing. */
export function twoFilesAt(
  fs: Filesystem,
  args: ParameterValues,
): { readonly file: FileHandle; readonly target: FileHandle } | OperationResult {
  const file = fileAt(fs, pathOf(args));
  if (isRefusal(file)) return file;
  const target = fileAt(fs, pathOf(args, "target"));
  return isRefusal(target) ? target : { file, target };
}

/** Bytes `offset` up to `offset + length` of a file; without a length up to its end. */
export function rangeOf(args: ParameterValues, file: FileHandle): ByteRange {
  const from = numberOf(args, "offset") ?? 0;
  const length = numberOf(args, "length") ?? Math.max(0, file.size * PAGE_SIZE - from);
  return { from, to: from + length };
}

/** True if `fileAt` or `twoFilesAt` found nothing. */
export function isRefusal(found: object): found is OperationResult {
  return "errno" in found;
}

/** An argument that is text; undefined if it is optional and was not given. */
export function textOf(args: ParameterValues, name: string): string | undefined {
  const value = args[name];
  assert(value === undefined || typeof value === "string", "a validated argument has its declared type");
  return value;
}

/** An argument that is a number; undefined if it is optional and was not given. */
export function numberOf(args: ParameterValues, name: string): number | undefined {
  const value = args[name];
  assert(value === undefined || typeof value === "number", "a validated argument has its declared type");
  return value;
}

/** The device under a name, or the refusal that says there is none. */
export function deviceAt({ device }: OperationContext, name: string): BlockDevice | OperationResult {
  return device(name) ?? refused("ENODEV", `there is no device ${name}`);
}

/** True if `deviceAt` found nothing. */
export function isNoDevice(found: BlockDevice | OperationResult): found is OperationResult {
  return "errno" in found;
}

/** `from..to` in bytes, or one number that is both; undefined if the text is neither. */
export function rangeIn(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to ?? from) };
}

/** True if a switch was given and is on. */
export function isOn(args: ParameterValues, name: string): boolean {
  return args[name] === true;
}

/** A path that had to be given. */
export function pathOf(args: ParameterValues, name = "path"): string {
  const path = textOf(args, name);
  assert(path !== undefined, "a required argument is given");
  return path;
}
