import type { ParameterDeclarations } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
};

/** Removes a file; its blocks are free after the next commit. */
export const unlink: Operation = {
  name: "unlink",
  summary: "Removes a file; its blocks find new owners after the next commit.",
  source: "unlink(2); may_delete refuses an active swap file, Linux 6.1",
  parameters,
  *run({ fs }, args, id) {
    const path = pathOf(args);
    const file = fileAt(fs, path);
    if (isRefusal(file)) return file;
    return yield* fs.unlink(path, id);
  },
};
