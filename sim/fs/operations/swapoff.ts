import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, pathOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "text", meaning: "as in swapon" },
  privileged: { type: "boolean", default: true, meaning: "the caller has CAP_SYS_ADMIN" },
};

/** Switches swap off. */
export const swapoff: Operation = {
  name: "swapoff",
  summary: "Brings every page of an area back and switches it off.",
  source: "swapoff(2), try_to_unuse, Linux 6.1",
  parameters,
  *run({ swap }, given, _id) {
    const args = withDefaults(parameters, given);
    return yield* swap.swapoff(pathOf(args), isOn(args, "privileged"));
  },
};
