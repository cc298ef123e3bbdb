import { assert } from "../../engine/index.ts";
import { BlockTransport, type MapSlots } from "../block-transport.ts";
import { wholeDevice } from "../swap-extents.ts";
import type { SwapStrategy } from "../transport.ts";

const mapDevice: MapSlots = function* ({ target }, pages, extents) {
  assert(target.kind === "device", "a partition is a device");
  extents.add(wholeDevice(target.device, Math.min(pages, target.device.size)));
  return undefined;
};

/** A raw block device: no filesystem, nothing can move. The baseline. */
export const partition: SwapStrategy = {
  name: "partition",
  summary: "Raw block device, no filesystem between swap and disk: the baseline.",
  source: "setup_swap_extents, block device branch, Linux 6.1",
  targets: "device",
  parameters: {
    device: {
      type: "text",
      default: "",
      meaning: "name of the device; empty: the swap device of the scenario",
    },
  },
  wantsCowFile: () => false,
  open: (context) => new BlockTransport(context, mapDevice),
};
