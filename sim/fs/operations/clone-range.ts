import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isRefusal, type Operation, rangeOf, twoFilesAt, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file that is cloned" },
  target: { type: "path", meaning: "the file that gets its blocks, at the same offset" },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", optional: true, min: 1, meaning: "how long it is; left out: to the end" },
};

/** Clones a range of a file onto another one that exists. */
export const cloneRange: Operation = {
  name: "clone-range",
  summary: "Clones a file, or a range of it, onto a file that exists.",
  source: "FICLONE and FICLONERANGE; btrfs_remap_file_range, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const found = twoFilesAt(fs, args);
    if (isRefusal(found)) return found;
    if (!fs.fileOperations) return unsupported(fs, "clone-range");
    const { file, target } = found;
    return yield* fs.fileOperations.cloneRange(file, target, rangeOf(args, file), id);
  },
};
