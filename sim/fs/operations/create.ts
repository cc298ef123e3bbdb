import { PAGE_SIZE, type ParameterDeclarations, pagesOf, withDefaults } from "../../engine/index.ts";
import {
  fileAt,
  isOn,
  isRefusal,
  numberOf,
  type Operation,
  pathOf,
  textOf,
  unsupported,
} from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "the new file" },
  size: { type: "size", default: 0, min: 0, meaning: "its length" },
  nocow: { type: "boolean", default: false, meaning: "chattr +C while it is empty" },
  fill: {
    type: "choice",
    choices: ["written", "preallocated", "hole"],
    default: "written",
    meaning: "how it gets its length: written with data, by fallocate, or by truncate",
  },
  commit: { type: "boolean", default: true, meaning: "sync afterwards" },
};

/** Makes a file while the machine runs. */
export const create: Operation = {
  name: "create",
  summary: "Makes a file: empty, written, preallocated or with a hole.",
  source: "open(O_CREAT), FS_IOC_SETFLAGS, then write(2), fallocate(2) or truncate(2)",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const path = pathOf(args);
    if (!fs.fileOperations) return unsupported(fs, "create");
    const made = yield* fs.fileOperations.create(path, isOn(args, "nocow"), id);
    if (made.errno !== undefined) return made;
    const file = fileAt(fs, path);
    if (isRefusal(file)) return file;
    const size = numberOf(args, "size") ?? 0;
    const fill = textOf(args, "fill");
    if (size > 0 && fill === "written") {
      const small = size < PAGE_SIZE ? fs.fileOperations.writeSmall?.(file, size) : undefined;
      const errno = yield* small ?? fs.write(file, 0, pagesOf(size));
      if (errno !== undefined) return { errno, achieved: "an empty file", skipped: [] };
      if (size % PAGE_SIZE !== 0) yield* fs.fileOperations.truncate(file, size, id);
    } else if (size > 0) {
      const range = { from: 0, to: size };
      const filled =
        fill === "hole"
          ? yield* fs.fileOperations.truncate(file, size, id)
          : yield* fs.fileOperations.fallocate(file, "allocate", range, id);
      if (filled.errno !== undefined) return filled;
    }
    if (isOn(args, "commit")) yield* fs.sync();
    return { errno: undefined, achieved: `made ${path} of ${pagesOf(size)} blocks`, skipped: [] };
  },
};
