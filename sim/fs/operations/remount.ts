import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  readonly: { type: "boolean", default: true, meaning: "read-only, or read-write again" },
};

/** Changes the mount to read-only and back. */
export const remount: Operation = {
  name: "remount",
  summary: "Mounts the filesystem read-only, or read-write again.",
  source: "mount -o remount; btrfs_remount, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.mountOperations) return unsupported(fs, "remount");
    return yield* fs.mountOperations.remount(isOn(args, "readonly"), id);
  },
};
