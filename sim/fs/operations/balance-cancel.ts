import { type Operation, unsupported } from "./operation.ts";

/** Cancels a balance. */
export const balanceCancel: Operation = {
  name: "balance-cancel",
  summary: "Ends a running balance after the chunk it works on, or forgets a paused one.",
  source: "btrfs balance cancel; btrfs_cancel_balance, Linux 6.1",
  parameters: {},
  *run({ fs }) {
    if (!fs.volume) return unsupported(fs, "balance-cancel");
    return yield* fs.volume.cancelBalance();
  },
};
