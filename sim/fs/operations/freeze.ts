import { type Operation, unsupported } from "./operation.ts";

/** Freezes the filesystem. */
export const freeze: Operation = {
  name: "freeze",
  summary: "Commits everything and holds changes back until the thaw.",
  source: "FIFREEZE; btrfs_freeze, Linux 6.1",
  parameters: {},
  *run({ fs }) {
    if (!fs.mountOperations) return unsupported(fs, "freeze");
    return yield* fs.mountOperations.freeze();
  },
};
