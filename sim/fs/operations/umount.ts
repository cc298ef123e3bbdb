import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  lazy: {
    type: "boolean",
    default: false,
    meaning: "take only the paths away, and the rest when nothing is open",
  },
};

/** Unmounts the filesystem. */
export const umount: Operation = {
  name: "umount",
  summary: "Unmounts the filesystem; refused while a swap file is active.",
  source: "umount(2); propagate_mount_busy, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.mountOperations) return unsupported(fs, "umount");
    return yield* fs.mountOperations.umount(isOn(args, "lazy"), id);
  },
};
