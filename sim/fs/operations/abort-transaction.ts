import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  error: {
    type: "choice",
    choices: ["EIO", "ENOSPC"],
    default: "EIO",
    meaning: "what went wrong in the transaction",
  },
};

/** The running transaction meets an error that nobody can undo. */
export const abortTransaction: Operation = {
  name: "abort-transaction",
  summary: "The running transaction fails: the filesystem is forced read-only, active swap goes on.",
  source: "an accident, no command; btrfs_abort_transaction and btrfs_handle_fs_error, Linux 6.1",
  parameters,
  *run({ fs }, given) {
    const args = withDefaults(parameters, given);
    if (!fs.mountOperations) return unsupported(fs, "abort-transaction");
    return yield* fs.mountOperations.abortTransaction(args["error"] === "ENOSPC" ? "ENOSPC" : "EIO");
  },
};
