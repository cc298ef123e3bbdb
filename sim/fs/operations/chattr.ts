import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  flag: { type: "text", meaning: "the change: + or - and a letter, such as +C" },
};

/** Sets or clears a flag of a file. */
export const chattr: Operation = {
  name: "chattr",
  summary: "Sets or clears one flag of a file, such as +C or -i.",
  source: "chattr(1); btrfs_fileattr_set, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "chattr");
    return yield* fs.fileOperations.chattr(file, textOf(args, "flag") ?? "", id);
  },
};
