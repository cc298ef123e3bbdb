import type { ParameterDeclarations } from "../../engine/index.ts";
import { type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "as in swapon" },
};

/** Switches swap off. */
export const swapoff: Operation = {
  name: "swapoff",
  summary: "Brings every page of an area back and switches it off.",
  source: "swapoff(2), try_to_unuse, Linux 6.1",
  parameters,
  *run({ swap }, args, _id) {
    return yield* swap.swapoff(pathOf(args));
  },
};
