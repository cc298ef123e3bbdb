import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", meaning: "the subvolume" },
};

/** Makes a subvolume. */
export const subvolumeCreate: Operation = {
  name: "subvolume-create",
  summary: "Makes a new, empty subvolume.",
  source: "btrfs subvolume create; create_subvol, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.subvolumes) return unsupported(fs, "subvolume-create");
    return yield* fs.subvolumes.create(pathOf(args, "subvolume"), id);
  },
};
