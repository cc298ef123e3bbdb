import type { ParameterDeclarations } from "../../engine/index.ts";
import { deviceAt, isNoDevice, type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  device: { type: "text", meaning: "name of the device under storage" },
};

/** Removes a device. */
export const deviceRemove: Operation = {
  name: "device-remove",
  summary: "Moves everything off a device and removes it.",
  source: "btrfs device remove; btrfs_rm_device, Linux 6.1",
  parameters,
  *run(context, args, id) {
    const { fs } = context;
    const device = deviceAt(context, textOf(args, "device") ?? "");
    if (isNoDevice(device)) return device;
    if (!fs.volume) return unsupported(fs, "device-remove");
    return yield* fs.volume.removeDevice(device, id);
  },
};
