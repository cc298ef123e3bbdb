import type { ParameterDeclarations } from "../../engine/index.ts";
import { fileAt, isRefusal, type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file that is cloned" },
  target: { type: "path", meaning: "the clone, which must not exist yet" },
};

/** Clones a file without copying: both share all blocks until one of them is written. */
export const reflink: Operation = {
  name: "reflink",
  summary: "Clones a file (cp --reflink=always); all its blocks become shared.",
  source: "FICLONE; btrfs_remap_file_range, Linux 6.1",
  parameters,
  *run({ fs }, args, id) {
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.reflink) return unsupported(fs, "reflink");
    return yield* fs.reflink(file, pathOf(args, "target"), id);
  },
};
