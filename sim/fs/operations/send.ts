import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", meaning: "the read-only subvolume" },
};

/** Reads a snapshot for a backup. */
export const send: Operation = {
  name: "send",
  summary:
    "Reads everything in a read-only subvolume, as a backup with btrfs send does; contents are compared.",
  source: "btrfs send; btrfs_ioctl_send, Linux 3.18 and 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.subvolumes) return unsupported(fs, "send");
    return yield* fs.subvolumes.send(pathOf(args, "subvolume"), id);
  },
};
