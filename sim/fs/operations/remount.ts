import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  readonly: { type: "boolean", optional: true, meaning: "read-only, or read-write again" },
  option: {
    type: "text",
    optional: true,
    meaning: "an option that new data heeds, such as nodatacow or compress=zstd",
  },
};

/** Changes the mount to read-only and back. */
export const remount: Operation = {
  name: "remount",
  summary: "Mounts the filesystem read-only, read-write again, or with another option.",
  source: "mount -o remount; btrfs_remount, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.mountOperations) return unsupported(fs, "remount");
    const option = textOf(args, "option");
    if (option !== undefined) return yield* fs.mountOperations.setMountOption(option);
    return yield* fs.mountOperations.remount(args["readonly"] !== false, id);
  },
};
