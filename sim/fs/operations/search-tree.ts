import { answered, type Operation, textOf, unsupported } from "./operation.ts";

/** Asks for items of the filesystem's trees, as snapshot tools and compsize do. */
export const searchTree: Operation = {
  name: "search-tree",
  summary: "Reads items of the trees (search ioctl of btrfs).",
  source: "btrfs_ioctl_tree_search, Linux 3.18 and 6.1",
  parameters: {
    buffer: {
      type: "text",
      optional: true,
      meaning: "a task into whose first page the answer is copied; left out: memory that is there",
    },
  },
  *run({ fs, touch }, args) {
    if (!fs.queries) return unsupported(fs, "search ioctl");
    const items = yield* fs.queries.searchTree(() => touch(textOf(args, "buffer")));
    return answered(undefined, `read ${items} items`);
  },
};
