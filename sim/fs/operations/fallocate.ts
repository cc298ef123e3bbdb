import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import type { FallocateMode } from "../administration.ts";
import { fileAt, isRefusal, numberOf, type Operation, pathOf, unsupported } from "./operation.ts";

const MODES: readonly FallocateMode[] = [
  "allocate",
  "keep-size",
  "punch-hole",
  "zero-range",
  "collapse",
  "insert",
];

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  mode: {
    type: "choice",
    choices: MODES,
    default: "allocate",
    meaning: "what happens to the range",
  },
  offset: { type: "size", default: 0, min: 0, meaning: "where the range begins" },
  length: { type: "size", min: 1, meaning: "how long it is" },
};

/** Allocates, punches or zeroes a range of a file. */
export const fallocate: Operation = {
  name: "fallocate",
  summary: "Allocates, punches or zeroes a range of a file.",
  source: "fallocate(2); btrfs_fallocate, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "fallocate");
    const from = numberOf(args, "offset") ?? 0;
    const length = numberOf(args, "length") ?? 0;
    return yield* fs.fileOperations.fallocate(
      file,
      MODES.find((mode) => mode === args["mode"]) ?? "allocate",
      { from, to: from + length },
      id,
    );
  },
};
