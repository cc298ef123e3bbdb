import { PAGE_SIZE, type ParameterDeclarations, pagesOf, withDefaults } from "../../engine/index.ts";
import { answered, fileAt, isRefusal, numberOf, type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", optional: true, min: 1, meaning: "how long it is; left out: to the end" },
};

/** Reads from a file; the contents are compared with what was written. */
export const read: Operation = {
  name: "read",
  summary: "Reads a range of a file; its contents are compared with what was written last.",
  source: "read(2)",
  parameters,
  *run({ fs }, given, _id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    const first = Math.floor((numberOf(args, "offset") ?? 0) / PAGE_SIZE);
    const length = numberOf(args, "length");
    const count = Math.min(file.size - first, length === undefined ? file.size : pagesOf(length));
    if (count <= 0) return answered(undefined, "read nothing");
    return answered(yield* fs.read(file, first, count), `read ${count} blocks`);
  },
};
