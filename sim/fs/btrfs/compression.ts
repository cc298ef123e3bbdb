import type { Duration, Pages } from "../../engine/index.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";

export const COMPRESSION_METHODS = ["zlib", "lzo", "zstd"] as const;
export type CompressionMethod = (typeof COMPRESSION_METHODS)[number];

/** File data that is compressed together (BTRFS_MAX_UNCOMPRESSED, 128 KiB). */
export const COMPRESSED_MAX: Pages = 32;

/** CPU time to compress 4 KiB. */
export function compressCost({ costs }: FsInfo, method: CompressionMethod): Duration {
  const { btrfsZlib: zlib, btrfsLzo: lzo, btrfsZstd: zstd } = costs;
  return { zlib, lzo, zstd }[method];
}

/** The method of that name; undefined if there is none. */
export function methodNamed(name: string | undefined): CompressionMethod | undefined {
  return COMPRESSION_METHODS.find((method) => method === name);
}

/**
 * inode_need_compress, in its order: how a copy-on-write of `count` blocks from `first` on is compressed; undefined means
 * not at all. `asked` is what defrag was told. A single block that is not the whole file saves nothing.
 */
export function compressionFor(
  info: FsInfo,
  inode: Inode,
  { first, count }: { readonly first: Pages; readonly count: Pages },
  asked: CompressionMethod | undefined,
): CompressionMethod | undefined {
  const { flags } = inode;
  const { compress, compressForce } = info.mountFlags;
  if ((flags.nocow || flags.nodatasum) && !info.rules.compressesNocow) return undefined;
  if (count === 1 && (first > 0 || inode.size > 1)) return undefined;
  if (compressForce && compress) return compress;
  if (asked) return asked;
  if (flags.noCompress) return undefined;
  return flags.compress ? (flags.method ?? compress ?? "zlib") : compress;
}

/** Blocks that so many blocks come to, which must be less to be of use (compress_file_range). */
export function compressedBlocks({ options }: FsInfo, count: Pages): Pages {
  return Math.max(1, Math.ceil((count * options.compressedTo) / 100));
}
