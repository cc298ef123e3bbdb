import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  error: {
    type: "choice",
    choices: ["EIO", "ENOSPC"],
    default: "EIO",
    meaning: "what the transaction met",
  },
};

/** Something went wrong in the middle of a transaction. */
export const abortTransaction: Operation = {
  name: "abort-transaction",
  summary: "Aborts the running transaction: the filesystem is read-only from then on.",
  source: "an accident, no command; __btrfs_abort_transaction, Linux 6.1",
  parameters,
  *run({ fs }, given) {
    const error = textOf(withDefaults(parameters, given), "error") === "ENOSPC" ? "ENOSPC" : "EIO";
    if (!fs.mountOperations) return unsupported(fs, "transactions to abort");
    return yield* fs.mountOperations.abort(error);
  },
};
