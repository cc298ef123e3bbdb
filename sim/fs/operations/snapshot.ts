import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, pathOf, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", default: "/", meaning: "what is snapshotted" },
  target: {
    type: "path",
    optional: true,
    meaning: "where the snapshot appears; left out: /snap-<id of the step>",
  },
};

/** Makes a second name for everything in a subvolume; from then on both share all blocks. */
export const snapshot: Operation = {
  name: "snapshot",
  summary: "Snapshots a subvolume; all its blocks become shared.",
  source: "btrfs subvolume snapshot; create_snapshot, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.snapshot) return unsupported(fs, "snapshot");
    return yield* fs.snapshot(pathOf(args, "subvolume"), textOf(args, "target") ?? `/snap-${id}`, id);
  },
};
