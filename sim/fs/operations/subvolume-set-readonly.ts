import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", meaning: "the subvolume" },
  readonly: { type: "boolean", default: true, meaning: "read-only, or writable again" },
};

/** Makes a subvolume read-only. */
export const subvolumeSetReadonly: Operation = {
  name: "subvolume-set-readonly",
  summary: "Makes a subvolume read-only or writable.",
  source: "btrfs property set ro; btrfs_ioctl_subvol_setflags, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.subvolumes) return unsupported(fs, "subvolume-set-readonly");
    return yield* fs.subvolumes.setReadOnly(pathOf(args, "subvolume"), isOn(args, "readonly"), id);
  },
};
