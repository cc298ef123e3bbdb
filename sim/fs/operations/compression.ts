import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  method: { type: "choice", choices: ["none", "zlib", "lzo", "zstd"], meaning: "how new data is compressed" },
};

/** Sets the compression property of a file. */
export const compression: Operation = {
  name: "compression",
  summary: "Sets the compression property of a file.",
  source: "btrfs property set; prop_compression_apply, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const path = pathOf(args);
    if (fs.isDirectory?.(path) && fs.subvolumes) {
      return yield* fs.subvolumes.setCompression(path, textOf(args, "method") ?? "", id);
    }
    const file = fileAt(fs, path);
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "compression");
    return yield* fs.fileOperations.setCompression(file, textOf(args, "method") ?? "none", id);
  },
};
