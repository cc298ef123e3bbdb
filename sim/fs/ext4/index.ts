import { assert, PAGE_SIZE, type ParameterDeclarations, SECOND, withDefaults } from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { Ext4 } from "./ext4.ts";
import { SMALL_BLOCK } from "./small-blocks.ts";

const parameters: ParameterDeclarations = {
  commit: {
    type: "duration",
    unit: "ns",
    default: 5 * SECOND,
    min: 1,
    meaning:
      "age at which a transaction is committed; freed blocks are reusable afterwards (mount -o commit)",
  },
  blockSize: {
    type: "choice",
    choices: ["1KiB", "4KiB"],
    default: "4KiB",
    meaning:
      "mkfs.ext4 -b; with 1KiB files lie across borders of pages, and swap takes only what fills a page of the device",
  },
};

/** The contrast: a filesystem that writes in place. */
export const ext4: FilesystemType = {
  name: "ext4",
  summary: "Extents, in-place writes, data=ordered; blocks move only under e4defrag. One device.",
  source: "fs/ext4 and fs/iomap/swapfile.c, Linux 6.1; layout as mke2fs 1.47 makes it by default",
  parameters,
  copyOnWrite: false,
  create(context, devices, options) {
    const [device, ...more] = devices;
    assert(device !== undefined && more.length === 0, "ext4 lies on one device");
    const { commit, blockSize } = withDefaults(parameters, options);
    assert(typeof commit === "number", "the commit interval of ext4 is a validated duration");
    return new Ext4(context, device, { commit, blockSize: blockSize === "1KiB" ? SMALL_BLOCK : PAGE_SIZE });
  },
};
