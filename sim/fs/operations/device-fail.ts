import type { ParameterDeclarations } from "../../engine/index.ts";
import { deviceAt, isNoDevice, type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  device: { type: "text", meaning: "name of the device under storage" },
};

/** A device of the filesystem stops answering. */
export const deviceFail: Operation = {
  name: "device-fail",
  summary: "A device stops answering for good; what has a copy on another one goes on.",
  source: "an accident, no command; btrfs_check_rw_degradable and find_live_mirror, Linux 6.1",
  parameters,
  *run(context, args, id) {
    const { fs } = context;
    const device = deviceAt(context, textOf(args, "device") ?? "");
    if (isNoDevice(device)) return device;
    if (!fs.volume) return unsupported(fs, "device-fail");
    return yield* fs.volume.loseDevice(device, id);
  },
};
