import type { Operation } from "./operation.ts";

/** Tells the devices to forget all free space. */
export const fstrim: Operation = {
  name: "fstrim",
  summary: "Discards all free space; a block that is still in use somewhere else is lost.",
  source: "FITRIM; btrfs_trim_fs, ext4_trim_fs, Linux 6.1",
  parameters: {},
  *run({ fs }, _args, id) {
    return yield* fs.trim(id);
  },
};
