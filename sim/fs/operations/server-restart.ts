import { type ParameterDeclarations, SECOND, withDefaults } from "../../engine/index.ts";
import { numberOf, type Operation, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  outage: { type: "duration", default: 60 * SECOND, min: 0, meaning: "how long the server is away" },
};

/** Restarts the server of a network filesystem. */
export const serverRestart: Operation = {
  name: "server-restart",
  summary: "The server of a network filesystem restarts: it is away for a while and loses its page cache.",
  source: "NFS: WRITE with UNSTABLE and FILE_SYNC, RFC 8881 section 18.32",
  parameters,
  *run({ fs }, given) {
    if (!fs.restartServer) return unsupported(fs, "server-restart");
    return yield* fs.restartServer(numberOf(withDefaults(parameters, given), "outage") ?? 0);
  },
};
