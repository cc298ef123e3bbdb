import type { ParameterDeclarations } from "../../engine/index.ts";
import { deviceAt, isNoDevice, numberOf, type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  device: { type: "text", meaning: "name of the device under storage" },
  size: { type: "size", min: 1, meaning: "the new size" },
};

/** Resizes a device. */
export const resize: Operation = {
  name: "resize",
  summary: "Changes how much of a device the filesystem uses; a smaller size moves what lies behind it.",
  source: "btrfs filesystem resize; btrfs_ioctl_resize and btrfs_shrink_device, Linux 6.1",
  parameters,
  *run(context, args, id) {
    const { fs } = context;
    const device = deviceAt(context, textOf(args, "device") ?? "");
    if (isNoDevice(device)) return device;
    const size = numberOf(args, "size") ?? 0;
    if (fs.resize) return yield* fs.resize(size);
    if (!fs.volume) return unsupported(fs, "resize");
    return yield* fs.volume.resizeDevice(device, size, id);
  },
};
