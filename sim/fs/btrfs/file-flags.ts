import { type Actor, step } from "../../engine/index.ts";
import type { OperationResult } from "../administration.ts";
import { COMPRESSION_METHODS, methodNamed } from "./compression.ts";
import { keepsFlags } from "./era-2014/series.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import type { OperationState } from "./rules/index.ts";
import type { InodeFlags } from "./tree-item.ts";

/** Letters of chattr that btrfs knows; the others have no effect on what the model does. */
const WITHOUT_EFFECT = "SAdD";

/** FS_IOC_SETFLAGS with one flag set or cleared, as `+C` or `-i`. */
export function* chattr(
  info: FsInfo,
  inode: Inode,
  change: string,
  operation: string,
): Actor<OperationResult> {
  yield step("btrfs_fileattr_set", inode);
  const [, sign, letter] = /^([+-])([A-Za-z])$/.exec(change) ?? [];
  if (letter === undefined) return failed("EINVAL", `"${change}" is no flag such as +C`);
  const set = sign === "+";
  const rule = set && letter === "c" ? "chattr +c" : "chattr";
  const more = conflictsOf(inode.flags, letter, set);
  const refused = yield* refusalOf(info, rule, { inode, operation, more });
  if (refused) return refused;
  const isKept = letter === "C" || letter === "c";
  const flags = isKept && keepsFlags(info, inode) ? inode.flags : changed(inode, letter, set);
  if (!flags) return failed("EOPNOTSUPP", `btrfs has no flag ${letter}`);
  inode.update({ flags });
  return done(`${change} on ${inode.path}`);
}

/** The flags that check_fsflags compares, as they were or as chattr asks for them. */
interface ComparedFlags {
  readonly C: boolean;
  readonly c: boolean;
  readonly m: boolean;
}

function conflictsOf(
  { nocow, compress, noCompress }: InodeFlags,
  letter: string,
  set: boolean,
): Pick<OperationState, "compressedAndNot" | "compressionAndNocow"> {
  // Data that was found incompressible hides +c (btrfs_inode_flags_to_fsflags).
  const before: ComparedFlags = { C: nocow, c: compress && !noCompress, m: noCompress };
  const after: ComparedFlags = { ...before, [letter]: set };
  return {
    compressedAndNot: after.c && after.m,
    compressionAndNocow:
      (after.C && after.c) || (before.C && (after.c || after.m)) || (after.C && (before.c || before.m)),
  };
}

function changed({ flags, size }: Inode, letter: string, set: boolean): InodeFlags | undefined {
  if (WITHOUT_EFFECT.includes(letter)) return flags;
  if (letter === "m") return { ...flags, noCompress: set, compress: flags.compress && !set };
  if (letter === "i") return { ...flags, immutable: set };
  if (letter === "a") return { ...flags, append: set };
  if (letter === "c") return { ...flags, compress: set, noCompress: flags.noCompress && !set };
  // NODATACOW changes only while the file is empty; otherwise it is silently left alone.
  if (letter === "C") return size === 0 ? { ...flags, nocow: set, nodatasum: set, compress: false } : flags;
  return undefined;
}

const NO_COMPRESSION: readonly string[] = ["", "none", "no"];
const METHODS: readonly string[] = [...NO_COMPRESSION, ...COMPRESSION_METHODS];

/** prop_compression_apply: "none" forbids compression; an empty value takes the property away. */
function withProperty(flags: InodeFlags, value: string): InodeFlags {
  const method = methodNamed(value);
  return { ...flags, compress: method !== undefined, noCompress: !method && value !== "", method };
}

/** setxattr btrfs.compression on the top directory of a subvolume: for files that are made there (inherit_props). */
export function* setDirectoryCompression(
  info: FsInfo,
  path: string,
  value: string,
  operation: string,
): Actor<OperationResult> {
  yield step("prop_compression_apply", info);
  const subvolume = info.subvolumeAt(path);
  if (!subvolume) return failed("ENOENT", `there is no subvolume ${path}`);
  const refused = yield* refusalOf(info, "set compression", { subvolume, operation });
  if (refused) return refused;
  if (!METHODS.includes(value)) return failed("EINVAL", `no method ${value}`);
  subvolume.directoryFlags = withProperty(subvolume.directoryFlags, value);
  return done(`compression of ${path}: ${value || "none"}`);
}

/** setxattr btrfs.compression; an empty value takes it away. */
export function* setCompression(
  info: FsInfo,
  inode: Inode,
  value: string,
  operation: string,
): Actor<OperationResult> {
  yield step("prop_compression_apply", inode);
  const refused = yield* refusalOf(info, "set compression", { inode, operation });
  if (refused) return refused;
  if (!METHODS.includes(value)) return failed("EINVAL", `no method ${value}`);
  inode.update({ flags: withProperty(inode.flags, value) });
  return done(`compression of ${inode.path}: ${value || "none"}`);
}
