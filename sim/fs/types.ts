import { Registry } from "../engine/index.ts";
import { btrfsType } from "./btrfs/index.ts";
import { ext4 } from "./ext4/index.ts";
import { f2fs } from "./f2fs/index.ts";
import type { FilesystemType } from "./filesystem-type.ts";
import { nfs } from "./nfs/index.ts";

/** Every filesystem a machine can have. */
export const filesystemTypes: Registry<FilesystemType> = new Registry("filesystem", [
  btrfsType,
  ext4,
  f2fs,
  nfs,
]);
