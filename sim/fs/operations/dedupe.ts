import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf, unsupported } from "./operation.ts";

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
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    const target = fileAt(fs, pathOf(args, "target"));
    if (isRefusal(target)) return target;
    if (!fs.fileOperations) return unsupported(fs, "dedupe");
    return yield* fs.fileOperations.dedupe(file, target, id);
  },
};
