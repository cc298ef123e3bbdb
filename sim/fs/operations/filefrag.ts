import { answered, fileAt, isRefusal, type Operation, pathOf, textOf, unsupported } from "./operation.ts";

/** Asks where the extents of a file are; the answer goes to memory that may be swapped out. */
export const filefrag: Operation = {
  name: "filefrag",
  summary: "Lists the extents of a file (fiemap).",
  source: "filefrag(8); extent_fiemap, Linux 3.18 and 6.1",
  parameters: {
    path: { type: "path", meaning: "the file" },
    buffer: {
      type: "text",
      optional: true,
      meaning: "a task into whose first page the answer is copied; left out: memory that is there",
    },
  },
  *run({ fs, touch }, args) {
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.queries) return unsupported(fs, "fiemap");
    const extents = yield* fs.queries.fiemap(file, () => touch(textOf(args, "buffer")));
    return answered(undefined, `listed ${extents} extents`);
  },
};
