import type { Operation } from "./operation.ts";

/** Commits the running transaction, so that freed blocks become reusable now. */
export const sync: Operation = {
  name: "sync",
  summary: "Commits everything; freed blocks are reusable afterwards.",
  source: "syncfs(2); btrfs_sync_fs, ext4_sync_fs, Linux 6.1",
  parameters: {},
  *run({ fs }) {
    yield* fs.sync();
    return { errno: undefined, achieved: "committed everything", skipped: [] };
  },
};
