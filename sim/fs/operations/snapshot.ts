import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, pathOf, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  subvolume: { type: "path", default: "/", meaning: "what is snapshotted" },
  target: {
    type: "path",
    optional: true,
    meaning: "where the snapshot appears; left out: /snap-<id of the step>",
  },
  readonly: { type: "boolean", default: true, meaning: "nothing in it can be changed" },
};

/** Makes a second name for everything in a subvolume; from then on both share all blocks. */
export const snapshot: Operation = {
  name: "snapshot",
  summary: "Snapshots a subvolume; all its blocks become shared.",
  source: "btrfs subvolume snapshot; create_snapshot, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.subvolumes) return unsupported(fs, "snapshot");
    const target = textOf(args, "target") ?? `/snap-${id}`;
    return yield* fs.subvolumes.snapshot(pathOf(args, "subvolume"), target, isOn(args, "readonly"), id);
  },
};
