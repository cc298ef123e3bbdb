import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, refused, textOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  step: { type: "text", meaning: "id of the step whose process gets the signal" },
};

/** Ctrl-C. */
export const interrupt: Operation = {
  name: "interrupt",
  summary: "Sends a signal to the process that carries another step out.",
  source: "kill(2)",
  parameters,
  *run(context, given, _id) {
    const step = textOf(withDefaults(parameters, given), "step") ?? "";
    if (!context.interrupt(step)) return refused("ESRCH", `no process carries ${step} out`);
    return { errno: undefined, achieved: `interrupted ${step}`, skipped: [] };
  },
};
