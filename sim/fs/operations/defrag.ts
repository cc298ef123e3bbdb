import { MIB, type ParameterDeclarations, withDefaults } from "../../engine/index.ts";
import {
  answered,
  fileAt,
  isOn,
  isRefusal,
  numberOf,
  type Operation,
  pathOf,
  textOf,
  unsupported,
} from "./operation.ts";

/** What btrfs-progs asks for if nothing else is said (BTRFS_DEFAULT_DEFRAG extent size, 32 MiB). */
const THRESHOLD_DEFAULT = 32 * MIB;

const parameters: ParameterDeclarations = {
  path: { type: "path", meaning: "the file" },
  threshold: {
    type: "size",
    default: THRESHOLD_DEFAULT,
    min: 1,
    meaning: "extents at least this long stay where they are",
  },
  compress: {
    type: "choice",
    choices: ["zlib", "lzo", "zstd"],
    optional: true,
    meaning: "everything is rewritten and compressed by this method; left out: only what is short, as it is",
  },
  report: { type: "boolean", default: false, meaning: "only tell how fragmented it is (e4defrag -c)" },
};

/** Rewrites a file in fewer, longer extents. */
export const defrag: Operation = {
  name: "defrag",
  summary: "Defragments one file: short extents are put together elsewhere.",
  source:
    "btrfs filesystem defragment (threshold of btrfs-progs) and e4defrag; btrfs_defrag_file, ext4_move_extents, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const args = withDefaults(parameters, given);
    const file = fileAt(fs, pathOf(args));
    if (isRefusal(file)) return file;
    if (isOn(args, "report")) return answered(undefined, `${fs.extentsOf(file)} extents`);
    if (!fs.defragment) return unsupported(fs, "defrag");
    const compress = textOf(args, "compress");
    const threshold = numberOf(args, "threshold") ?? THRESHOLD_DEFAULT;
    return yield* compress === undefined
      ? fs.defragment(file, threshold, id)
      : fs.defragment(file, threshold, id, compress);
  },
};
