import {
  type Actor,
  assert,
  type Engine,
  type ParameterValues,
  type RegistryEntry,
} from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle, Filesystem, OperationResult } from "../filesystem.ts";

/** What an operation of the timeline works on. */
export interface OperationContext {
  readonly fs: Filesystem;
  readonly engine: Engine;
  /** One line of the simulated kernel log. */
  log(line: string): void;
}

/** A maintenance operation, as an administrator would start it. */
export interface Operation extends RegistryEntry {
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

/** The file under a path, or the refusal that says there is none. */
export function fileAt(fs: Filesystem, path: string): FileHandle | OperationResult {
  return fs.lookup(path) ?? refused("ENOENT", `there is no file ${path}`);
}

/** True if `fileAt` found nothing. */
export function isRefusal(found: FileHandle | OperationResult): found is OperationResult {
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

/** A path that had to be given. */
export function pathOf(args: ParameterValues, name = "path"): string {
  const path = textOf(args, name);
  assert(path !== undefined, "a required argument is given");
  return path;
}
