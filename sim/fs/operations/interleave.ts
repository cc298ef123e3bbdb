import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "a file that exists" },
  other: { type: "text", meaning: "a second one" },
  piece: { type: "size", min: 1, meaning: "length of each piece" },
  size: { type: "size", min: 1, meaning: "length of each file at the end" },
};

/** Two files that grow in turn, so that their pieces lie between each other's. */
export const interleave: Operation = {
  name: "interleave",
  summary: "Preallocates two files in turn, piece by piece: both are fragmented.",
  source: "fallocate(2) in a loop",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const files = [fileAt(fs, pathOf(args)), fileAt(fs, textOf(args, "other") ?? "")];
    if (!fs.fileOperations) return unsupported(fs, "fallocate");
    const piece = numberOf(args, "piece") ?? 0;
    const size = numberOf(args, "size") ?? 0;
    for (let from = 0; from < size; from += piece) {
      for (const file of files) {
        if (isRefusal(file)) return file;
        const range = { from, to: Math.min(size, from + piece) };
        const result = yield* fs.fileOperations.fallocate(file, "allocate", range, id);
        if (result.errno !== undefined) return result;
      }
    }
    return { errno: undefined, achieved: `two files in pieces of ${piece} bytes`, skipped: [] };
  },
};
