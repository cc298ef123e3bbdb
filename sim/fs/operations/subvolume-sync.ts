import { type Operation, unsupported } from "./operation.ts";

/** Waits until deleted subvolumes are gone for good. */
export const subvolumeSync: Operation = {
  name: "subvolume-sync",
  summary: "Commits, and waits until the cleaner has dropped every deleted subvolume.",
  source: "btrfs subvolume sync, btrfs-progs",
  parameters: {},
  *run({ fs }, _args, _id) {
    if (!fs.subvolumes) return unsupported(fs, "subvolume-sync");
    return yield* fs.subvolumes.waitForCleaner();
  },
};
