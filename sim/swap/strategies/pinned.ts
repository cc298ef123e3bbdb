import { assert } from "../../engine/index.ts";
import { BlockTransport, type MapSlots, OUT_OF_MEMORY } from "../block-transport.ts";
import type { SwapStrategy } from "../transport.ts";
import { scanFile } from "./bmap.ts";

/** The filesystem's own activation: it proves that the mapping cannot move and pins what could move it. */
const activateFile: MapSlots = function* (context, pages, extents) {
  const { target, faults } = context;
  assert(target.kind === "file", "a filesystem activates a file");
  if (faults.has("allowBmap")) return yield* scanFile(context, pages, extents);
  const wanted = faults.has("mapBeyondHeader") ? target.file.size : pages;
  const activation = yield* target.fs.swapActivate(target.file, wanted);
  if (activation.errno !== undefined) return activation;
  for (const extent of activation.extents) {
    if (context.failslab?.fails()) {
      target.fs.swapDeactivate(target.file);
      return OUT_OF_MEMORY;
    }
    extents.add(extent);
  }
  return undefined;
};

/** Mainline since 5.0: extents taken at swapon, block groups and device pinned, maintenance refused or skipped. */
export const pinned: SwapStrategy = {
  name: "pinned",
  summary: "Mainline 5.0+: extents taken at swapon; block groups, device and subvolume pinned.",
  source: "btrfs_swap_activate, Linux 6.1; iomap_swapfile_activate for ext4",
  targets: "file",
  parameters: {},
  wantsCowFile: () => false,
  open: (context) => {
    const { target } = context;
    return new BlockTransport(context, activateFile, () => {
      if (target.kind === "file") target.fs.swapDeactivate(target.file);
    });
  },
};
