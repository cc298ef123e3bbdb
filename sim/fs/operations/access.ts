import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import type { FileAccess } from "../administration.ts";
import { fileAt, isRefusal, type Operation, pathOf, rangeOf, textOf, unsupported } from "./operation.ts";

const KINDS: readonly FileAccess[] = [
  "open for writing",
  "map shared",
  "store through an old mapping",
  "set attributes",
  "write without waiting",
];

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  offset: { type: "size", default: 0, min: 0, meaning: "where a write begins" },
  length: { type: "size", optional: true, min: 1, meaning: "how long a write is; left out: to the end" },
  kind: { type: "choice", choices: KINDS, meaning: "what is tried" },
};

/** A call that matters only for whether it is allowed. */
export const access: Operation = {
  name: "access",
  summary: "Tries a call of which only the answer matters: mmap, a store, chmod and utimes, RWF_NOWAIT.",
  source: "do_mmap, do_page_mkwrite, notify_change, btrfs_direct_write; Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.fileOperations) return unsupported(fs, "access");
    const kind = KINDS.find((candidate) => candidate === textOf(args, "kind")) ?? "set attributes";
    return yield* fs.fileOperations.access(file, kind, id, rangeOf(args, file));
  },
};
