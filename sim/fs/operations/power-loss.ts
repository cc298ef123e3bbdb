import { type Operation, unsupported } from "./operation.ts";

/** The machine loses power: the end of the run, and a mount of what is left. */
export const powerLoss: Operation = {
  name: "power-loss",
  summary: "Cuts the power, which ends the run, and mounts what the disks kept.",
  source: "an accident, no command; open_ctree from the last super block, Linux 6.1",
  parameters: {},
  cutsPower: true,
  *run({ fs, cutPower, log }) {
    if (!fs.recover) return unsupported(fs, "model of recovery");
    cutPower();
    const { transaction, gone, back } = fs.recover();
    const lost = [
      ...(gone.length > 0 ? [`made since and lost: ${gone.join(", ")}`] : []),
      ...(back.length > 0 ? [`removed since and back: ${back.join(", ")}`] : []),
    ];
    const achieved = [`mounted as transaction ${transaction} left it`, ...lost].join("; ");
    log(`BTRFS info: ${achieved}`);
    return { errno: undefined, achieved, skipped: [] };
  },
};
