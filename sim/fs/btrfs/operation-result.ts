import type { Actor } from "../../engine/index.ts";
import type { OperationResult, Skipped } from "../administration.ts";
import type { Errno } from "../errno.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import type { OperationState, RuledOperation } from "./rules/index.ts";
import type { Subvolume } from "./subvolume.ts";

export function done(achieved: string, skipped: readonly Skipped[] = []): OperationResult {
  return { errno: undefined, achieved, skipped };
}

export function failed(errno: Errno, why = "nothing", skipped: readonly Skipped[] = []): OperationResult {
  return { errno, achieved: why, skipped };
}

/** What an operation is about to touch. */
export interface Touched {
  readonly inode?: Inode;
  readonly subvolume?: Subvolume;
  /** Id of the timeline step. */
  readonly operation: string;
  readonly more?: Partial<OperationState>;
  /** It changes nothing, or only the mount, so that a frozen filesystem does not hold it up. */
  readonly readsOnly?: boolean;
}

/** Somebody removed the file while the operation waited for its lock. */
export const GONE: OperationResult = failed("ENOENT", "the file was removed meanwhile");

/** What the rules see of it. */
function stateOf(
  info: FsInfo,
  { inode, subvolume = inode?.subvolume, more }: Touched,
): Partial<OperationState> {
  return {
    readOnlyFilesystem: info.readOnly,
    frozen: info.frozen,
    unmounted: info.unmounted,
    exclusive: info.exclusive.running,
    scrubRuns: info.scrubRuns,
    ...(subvolume && {
      readOnlySubvolume: subvolume.readOnly,
      swapSubvolume: subvolume.swapFiles > 0,
      subvolume: subvolume.id,
      sends: subvolume.sends,
      dedupes: subvolume.dedupes,
    }),
    ...(inode && {
      immutable: inode.flags.immutable,
      appendOnly: inode.flags.append,
      swapFile: inode.isSwapFile,
      swapActivated: inode.swapActive,
      nocow: inode.flags.nodatasum,
    }),
    ...more,
  };
}

/**
 * Asks the rules; a refusal is logged, and told to whoever collects evidence about swap files. Waits while the
 * filesystem is frozen.
 */
export function* refusalOf(
  info: FsInfo,
  rule: RuledOperation,
  touched: Touched,
): Actor<OperationResult | undefined> {
  if (touched.readsOnly !== true) yield* info.startWrite();
  if (touched.inode?.evicted === true) return failed("ENOENT", `${touched.inode.path} is gone`);
  const decision = info.rules.ask(rule, stateOf(info, touched));
  if (!decision) return undefined;
  const reason = decision.message ?? decision.condition;
  if (decision.message !== undefined) info.context.log(`BTRFS warning: ${decision.message}`);
  const inodes = touched.inode ? [touched.inode] : [...(touched.subvolume?.inodes.values() ?? [])];
  const held = inodes.filter(({ isSwapFile }) => isSwapFile);
  for (const { owner, size } of held) {
    info.context.observer.relocated(owner, 0, size, "refused", touched.operation, reason);
  }
  const skipped = inodes.length === 0 ? [] : [{ what: (held[0] ?? inodes[0]!).path, reason }];
  return failed(decision.errno ?? "EINVAL", "nothing", skipped);
}
