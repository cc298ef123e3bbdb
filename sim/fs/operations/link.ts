import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  target: { type: "path", meaning: "the new name, which must not exist yet" },
};

/** Gives a file a second name. */
export const link: Operation = {
  name: "link",
  summary: "Gives a file a second name.",
  source: "link(2); btrfs_link, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "link");
    return yield* fs.fileOperations.link(file, pathOf(args, "target"), id);
  },
};
