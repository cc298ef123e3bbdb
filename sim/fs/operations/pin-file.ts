import { type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import { fileAt, isOn, isRefusal, type Operation, pathOf, unsupported } from "./operation.ts";

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  pinned: { type: "boolean", default: true, meaning: "false: it may be moved again" },
};

/** Asks that a file is not moved. */
export const pinFile: Operation = {
  name: "pin-file",
  summary:
    "Pins a file of f2fs: it is written in place, fallocate gives it whole sections, and collection spares it.",
  source: "F2FS_IOC_SET_PIN_FILE (f2fs_io pinfile set); f2fs_ioc_set_pin_file, Linux 6.1",
  parameters,
  *run({ fs }, given) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (!fs.garbageCollection) return unsupported(fs, "pins for files");
    return yield* fs.garbageCollection.pin(file, isOn(args, "pinned"));
  },
};
