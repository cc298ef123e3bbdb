import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", meaning: "the subvolume" },
};

/** Deletes a subvolume in two steps. */
export const subvolumeDelete: Operation = {
  name: "subvolume-delete",
  summary: "Deletes a subvolume; its blocks are free once the cleaner has dropped its tree.",
  source: "btrfs subvolume delete; btrfs_delete_subvolume and btrfs_drop_snapshot, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.subvolumes) return unsupported(fs, "subvolume-delete");
    return yield* fs.subvolumes.delete(pathOf(args, "subvolume"), id);
  },
};
