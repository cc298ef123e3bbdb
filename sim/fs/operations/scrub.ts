import { type Operation, unsupported } from "./operation.ts";

/** Verifies and repairs everything. */
export const scrub: Operation = {
  name: "scrub",
  summary: "Reads every copy of everything, verifies checksums and repairs.",
  source: "btrfs scrub start; btrfs_scrub_dev, Linux 6.1",
  parameters: {},
  *run({ fs }, _args, id) {
    if (!fs.volume) return unsupported(fs, "scrub");
    return yield* fs.volume.scrub(id);
  },
};
