import { type Operation, unsupported } from "./operation.ts";

/** Pauses a running balance. */
export const balancePause: Operation = {
  name: "balance-pause",
  summary: "Stops a running balance between two chunks; it keeps its exclusive slot.",
  source: "btrfs balance pause; btrfs_pause_balance, Linux 6.1",
  parameters: {},
  *run({ fs }) {
    if (!fs.volume) return unsupported(fs, "balance-pause");
    return yield* fs.volume.pauseBalance();
  },
};
