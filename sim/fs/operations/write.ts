import { PAGE_SIZE, type ParameterDeclarations, pagesOf, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", default: 4096, min: 1, meaning: "how long it is, rounded up to 4 KiB" },
};

/** Writes to a file. */
export const write: Operation = {
  name: "write",
  summary: "Writes fresh contents to a range of a file and waits until they are on the device.",
  source: "write(2) and fsync(2); btrfs_buffered_write, Linux 6.1",
  parameters,
  *run({ fs }, given, _id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    const first = Math.floor((numberOf(args, "offset") ?? 0) / PAGE_SIZE);
    const count = pagesOf(numberOf(args, "length") ?? PAGE_SIZE);
    const errno = yield* fs.write(file, first, count);
    return { errno, achieved: errno === undefined ? `wrote ${count} blocks` : "nothing", skipped: [] };
  },
};
