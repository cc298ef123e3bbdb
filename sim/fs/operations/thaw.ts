import { type Operation, unsupported } from "./operation.ts";

/** Thaws a frozen filesystem. */
export const thaw: Operation = {
  name: "thaw",
  summary: "Lets changes of a frozen filesystem go on.",
  source: "FITHAW; btrfs_unfreeze, Linux 6.1",
  parameters: {},
  *run({ fs }) {
    if (!fs.mountOperations) return unsupported(fs, "thaw");
    return yield* fs.mountOperations.thaw();
  },
};
