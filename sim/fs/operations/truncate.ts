import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  size: { type: "size", min: 0, meaning: "the new size" },
};

/** Changes the size of a file. */
export const truncate: Operation = {
  name: "truncate",
  summary: "Changes the size of a file; what lies behind a smaller end is freed.",
  source: "truncate(2); btrfs_setsize, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "truncate");
    return yield* fs.fileOperations.truncate(file, numberOf(args, "size") ?? 0, id);
  },
};
