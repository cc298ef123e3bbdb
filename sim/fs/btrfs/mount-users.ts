import type { Actor } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";

/** Calls that are under way and hold the mount. */
export interface MountUsers {
  /** They have a file or a directory of it open: umount finds it busy (propagate_mount_busy). */
  open: number;
  /** They may change it, which a remount to read-only does not allow (mnt_want_write). */
  writers: number;
}

/** Runs a call of a program, which holds the mount until it ends. */
export function* holdingMount<Result>(
  { mountUsers }: FsInfo,
  use: "read" | "write",
  run: Actor<Result>,
): Actor<Result> {
  const writers = use === "write" ? 1 : 0;
  mountUsers.open++;
  mountUsers.writers += writers;
  const result = yield* run;
  mountUsers.open--;
  mountUsers.writers -= writers;
  return result;
}

type Call = (...given: never[]) => Actor<unknown>;

/** The same operations, each holding the mount while it runs: for writing, but for those that only read. */
export function allHoldingMount<Operations extends object>(
  info: FsInfo,
  operations: Operations,
  reading: readonly (keyof Operations)[] = [],
): Operations {
  const held = Object.entries<Call>(operations as Readonly<Record<string, Call>>).map(([name, call]) => {
    const use = reading.includes(name as keyof Operations) ? "read" : "write";
    return [name, (...given: never[]) => holdingMount(info, use, call(...given))];
  });
  return Object.fromEntries(held) as Operations;
}
