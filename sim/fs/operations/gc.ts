import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { isOn, type Operation, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  foreground: {
    type: "boolean",
    default: true,
    meaning:
      "the section with fewest blocks, at once; false: one that is worth its while, if none is worked on",
  },
};

/** Collects the garbage of one section. */
export const gc: Operation = {
  name: "gc",
  summary: "Collects garbage: moves what is left in one section of f2fs, so that it is free.",
  source: "F2FS_IOC_GARBAGE_COLLECT (f2fs_io gc); f2fs_ioc_gc, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    if (!fs.garbageCollection) return unsupported(fs, "garbage collection");
    return yield* fs.garbageCollection.collect(isOn(withDefaults(parameters, given), "foreground"), id);
  },
};
