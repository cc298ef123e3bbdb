import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isRefusal, type Operation, rangeOf, twoFilesAt, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  target: { type: "path", meaning: "the file that is written, at the same offset" },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", min: 1, meaning: "how long it is" },
};

/** Copies a range of a file. */
export const copyRange: Operation = {
  name: "copy-range",
  summary: "Copies a range of a file into another one, by sharing blocks where it can.",
  source: "copy_file_range(2); btrfs_remap_file_range, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const found = twoFilesAt(fs, args);
    if (isRefusal(found)) return found;
    if (!fs.fileOperations) return unsupported(fs, "copy-range");
    const { file, target } = found;
    return yield* fs.fileOperations.copyRange(file, target, rangeOf(args, file), id);
  },
};
