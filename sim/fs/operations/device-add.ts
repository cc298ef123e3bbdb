import type { ParameterDeclarations } from "../../engine/index.ts";
import { deviceAt, isNoDevice, type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  device: { type: "text", meaning: "name of the device under storage" },
};

/** Adds a device. */
export const deviceAdd: Operation = {
  name: "device-add",
  summary: "Adds a device of the machine to the filesystem.",
  source: "btrfs device add; btrfs_init_new_device, Linux 6.1",
  parameters,
  *run(context, args, id) {
    const { fs } = context;
    const device = deviceAt(context, textOf(args, "device") ?? "");
    if (isNoDevice(device)) return device;
    if (!fs.volume) return unsupported(fs, "device-add");
    return yield* fs.volume.addDevice(device, id);
  },
};
