import type { ParameterDeclarations } from "../../engine/index.ts";
import { type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  target: { type: "path", meaning: "the new name" },
};

/** Renames a file. */
export const rename: Operation = {
  name: "rename",
  summary: "Gives a file another name; a file that had it is removed.",
  source: "rename(2); btrfs_rename, Linux 6.1",
  parameters,
  *run({ fs }, args, id) {
    if (!fs.fileOperations) return unsupported(fs, "rename");
    return yield* fs.fileOperations.rename(pathOf(args), pathOf(args, "target"), id);
  },
};
