import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isRefusal, type Operation, twoFilesAt, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  target: { type: "path", meaning: "the file whose blocks are given up for those of path" },
};

/** Shares equal blocks of two files. */
export const dedupe: Operation = {
  name: "dedupe",
  summary: "Shares the blocks of a file that another one holds as well.",
  source: "FIDEDUPERANGE; btrfs_extent_same, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const found = twoFilesAt(fs, args);
    if (isRefusal(found)) return found;
    if (!fs.fileOperations) return unsupported(fs, "dedupe");
    const { file, target } = found;
    return yield* fs.fileOperations.dedupe(file, target, id);
  },
};
