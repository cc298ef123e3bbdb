import type { CompressionMethod } from "./compression.ts";

/** Mount options that a remount can change: what new files are like, and how new data is compressed. */
export interface MountFlags {
  nodatacow: boolean;
  nodatasum: boolean;
  compress: CompressionMethod | undefined;
  compressForce: boolean;
}

/** What a mount begins with (btrfs_parse_options): the options of the scenario, and nothing of an earlier remount. */
export function flagsOfMount({
  compress,
  compressForce,
}: Pick<MountFlags, "compress" | "compressForce">): MountFlags {
  return { nodatacow: false, nodatasum: false, compress, compressForce };
}
