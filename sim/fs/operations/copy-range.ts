import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf, unsupported } from "./operation.ts";

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
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    const target = fileAt(fs, pathOf(args, "target"));
    if (isRefusal(target)) return target;
    if (!fs.fileOperations) return unsupported(fs, "copy-range");
    const from = numberOf(args, "offset") ?? 0;
    const to = from + (numberOf(args, "length") ?? 0);
    return yield* fs.fileOperations.copyRange(file, target, { from, to }, id);
  },
};
