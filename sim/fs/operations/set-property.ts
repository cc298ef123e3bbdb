import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { type Operation, textOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  what: {
    type: "choice",
    choices: ["label", "default subvolume", "quota"],
    meaning: "what is changed; quota switches the accounting on, which the model then leaves to itself",
  },
};

/** Changes a property of the whole filesystem. */
export const setProperty: Operation = {
  name: "set-property",
  summary: "Changes a property of the filesystem that swap never meets, such as its label.",
  source: "btrfs filesystem label, btrfs subvolume set-default; Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    if (!fs.mountOperations) return unsupported(fs, "set-property");
    return yield* fs.mountOperations.setProperty(textOf(args, "what") ?? "", id);
  },
};
