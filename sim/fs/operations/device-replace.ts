import type { ParameterDeclarations } from "../../engine/index.ts";
import { deviceAt, isNoDevice, type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  device: { type: "text", meaning: "the device that goes" },
  target: { type: "text", meaning: "the device that takes its place, at least as large" },
};

/** Replaces a device. */
export const deviceReplace: Operation = {
  name: "device-replace",
  summary: "Copies a device to another one, which takes its place.",
  source: "btrfs replace start; btrfs_dev_replace_start, Linux 6.1",
  parameters,
  *run(context, args, id) {
    const { fs } = context;
    const source = deviceAt(context, textOf(args, "device") ?? "");
    if (isNoDevice(source)) return source;
    const target = deviceAt(context, textOf(args, "target") ?? "");
    if (isNoDevice(target)) return target;
    if (!fs.volume) return unsupported(fs, "device-replace");
    return yield* fs.volume.replaceDevice(source, target, id);
  },
};
