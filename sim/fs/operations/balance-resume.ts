import { type Operation, unsupported } from "./operation.ts";

/** Resumes a paused balance. */
export const balanceResume: Operation = {
  name: "balance-resume",
  summary: "Goes on with a paused balance.",
  source: "btrfs balance resume; btrfs_balance, Linux 6.1",
  parameters: {},
  *run({ fs }, _args, id) {
    if (!fs.volume) return unsupported(fs, "balance-resume");
    return yield* fs.volume.resumeBalance(id);
  },
};
