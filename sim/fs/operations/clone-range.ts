import { PAGE_SIZE, type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf, unsupported } from "./operation.ts";

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
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    const target = fileAt(fs, pathOf(args, "target"));
    if (isRefusal(target)) return target;
    if (!fs.fileOperations) return unsupported(fs, "clone-range");
    const from = numberOf(args, "offset") ?? 0;
    const length = numberOf(args, "length") ?? Math.max(1, file.size * PAGE_SIZE - from);
    return yield* fs.fileOperations.cloneRange(file, target, { from, to: from + length }, id);
  },
};
