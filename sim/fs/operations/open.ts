import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import {
  answered,
  fileAt,
  isOn,
  isRefusal,
  type Operation,
  pathOf,
  textOf,
  unsupported,
} from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  write: { type: "boolean", default: true, meaning: "O_RDWR; otherwise O_RDONLY" },
  truncate: { type: "boolean", default: false, meaning: "O_TRUNC" },
  as: {
    type: "text",
    optional: true,
    meaning: "name under which /proc/fd finds it; left out: closed at once",
  },
};

/** Opens a file, and keeps it open under a name if one is given. */
export const open: Operation = {
  name: "open",
  summary: "Opens a file; under a name, /proc/fd/NAME leads to it even when its path is gone.",
  source: "open(2), may_open, handle_truncate, Linux 6.1",
  parameters,
  *run(context, given, id) {
    const { fs } = context;
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "open");
    if (isOn(args, "write")) {
      const opened = yield* fs.fileOperations.access(file, "open for writing", id);
      if (opened.errno !== undefined) return opened;
    }
    if (isOn(args, "truncate")) {
      const emptied = yield* fs.fileOperations.truncate(file, 0, id);
      if (emptied.errno !== undefined) return emptied;
    }
    const name = textOf(args, "as");
    if (name !== undefined) context.open.set(name, file);
    return answered(undefined, `opened ${file.path}`);
  },
};
