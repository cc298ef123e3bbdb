import { PAGE_SIZE, type ParameterDeclarations, pagesOf, withDefaults } from "../../engine/index.ts";
import { answered, fileAt, isRefusal, numberOf, type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "the file, or /dev/ and the name of a device" },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", default: 4096, min: 1, meaning: "how long it is, rounded up to 4 KiB" },
};

/** Writes to a file. */
export const write: Operation = {
  name: "write",
  summary: "Writes fresh contents to a range of a file and waits until they are on the device.",
  source: "write(2) and fsync(2); btrfs_buffered_write, Linux 6.1",
  parameters,
  *run({ fs, swap }, given, _id) {
    const args = withDefaults(parameters, given);
    const path = pathOf(args);
    const first = Math.floor((numberOf(args, "offset") ?? 0) / PAGE_SIZE);
    const count = pagesOf(numberOf(args, "length") ?? PAGE_SIZE);
    if (path.startsWith("/dev/")) {
      return answered(yield* swap.writeDevice(path, first, count), `wrote ${count} blocks`);
    }
    const file = fileAt(fs, path);
    if (isRefusal(file)) return file;
    const errno = yield* fs.write(file, first, count);
    return { errno, achieved: errno === undefined ? `wrote ${count} blocks` : "nothing", skipped: [] };
  },
};
