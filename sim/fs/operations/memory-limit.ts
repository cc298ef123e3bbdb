import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { numberOf, type Operation, textOf } from "./operation.ts";

const parameters: ParameterDeclarations = {
  cgroup: { type: "text", meaning: "a group of cgroups" },
  memoryMax: { type: "size", optional: true, min: 0, meaning: "the new memory.max; left out: max" },
};

/** Changes memory.max of a memory cgroup. */
export const memoryLimit: Operation = {
  name: "memory-limit",
  summary: "Changes memory.max of a memory cgroup; left out, it has no limit any more.",
  source: "memory.max, cgroup v2; memory_max_write, Linux 6.1",
  parameters,
  *run({ swap }, given, _id) {
    const args = withDefaults(parameters, given);
    const limit = numberOf(args, "memoryMax") ?? Number.POSITIVE_INFINITY;
    return swap.limitGroup(textOf(args, "cgroup") ?? "", limit);
  },
};
