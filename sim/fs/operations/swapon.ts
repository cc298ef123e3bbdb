import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, numberOf, type Operation, pathOf, textOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: {
    type: "text",
    meaning: "the file; /dev/ and the name of a device; /proc/fd/ and the name of an open file",
  },
  priority: { type: "integer", optional: true, min: 0, max: 32767, meaning: "left out: counted down" },
  discard: {
    type: "choice",
    choices: ["all", "once", "pages"],
    optional: true,
    meaning: "SWAP_FLAG_DISCARD and its variants; left out: none",
  },
  flags: { type: "integer", default: 0, min: 0, meaning: "further bits of swapon(2); some mean nothing" },
  failAllocation: {
    type: "integer",
    optional: true,
    min: 1,
    meaning:
      "this allocation of kernel memory fails, counted from the start of swapon (failslab); left out: none",
  },
  privileged: { type: "boolean", default: true, meaning: "the caller has CAP_SYS_ADMIN" },
};

/** Switches swap on. */
export const swapon: Operation = {
  name: "swapon",
  summary: "Switches swap on a file or device on, the way the strategy does it.",
  source: "swapon(2), Linux 6.1",
  parameters,
  *run({ swap }, given, _id) {
    const args = withDefaults(parameters, given);
    return yield* swap.swapon(pathOf(args), {
      priority: numberOf(args, "priority"),
      discard: textOf(args, "discard"),
      flags: numberOf(args, "flags") ?? 0,
      failAllocation: numberOf(args, "failAllocation"),
      privileged: isOn(args, "privileged"),
    });
  },
};
