import { type Operation, unsupported } from "./operation.ts";

/** Stops a shrink that runs. */
export const resizeCancel: Operation = {
  name: "resize-cancel",
  summary: "Stops a resize that runs; what it has moved stays moved.",
  source: "btrfs filesystem resize cancel; Linux 5.14 and later",
  parameters: {},
  *run({ fs }, _args, _id) {
    if (!fs.volume) return unsupported(fs, "resize-cancel");
    return yield* fs.volume.cancelResize();
  },
};
