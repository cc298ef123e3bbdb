import type { BlockDevice } from "../../block/index.ts";
import { assert } from "../../engine/index.ts";
import { BlockTransport, type MapSlots } from "../block-transport.ts";
import { scanBlocks } from "../scan-blocks.ts";
import type { SwapStrategy } from "../transport.ts";

/**
 * generic_swapfile_activate: asks for the place of each page once. With blocks as large as pages every block is
 * aligned, so the scan never has to skip; a hole ends it.
 */
export const scanFile: MapSlots = function* ({ target }, pages, extents) {
  assert(target.kind === "file", "bmap asks about a file");
  const { fs, file } = target;
  let device: BlockDevice | undefined;
  const blockOf = (block: number): number | undefined => {
    const place = fs.bmap(file, block);
    device = place?.device;
    return place?.block;
  };
  const scan = scanBlocks(blockOf, pages, 1);
  for (let slot = 0; slot < pages; slot++) {
    const { value } = scan.next();
    if (value === "hole" || device === undefined) return { errno: "EINVAL", message: "swapfile has holes" };
    if (value === undefined) break;
    extents.add({ slot, count: 1, device, block: value });
  }
  return undefined;
};

/** The block list is taken once at swapon; nothing is pinned. On a COW filesystem a declared counterfactual. */
export const bmap: SwapStrategy = {
  name: "bmap",
  summary: "Block list taken once at swapon, I/O past the filesystem, nothing pinned.",
  source:
    "generic_swapfile_activate, Linux 3.18 to 6.1; on btrfs a counterfactual (bmap was removed in 2009)",
  targets: "file",
  parameters: {},
  wantsCowFile: () => false,
  open: (context) => new BlockTransport(context, scanFile),
};
