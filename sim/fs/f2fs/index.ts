import {
  assert,
  type Bytes,
  bytesOf,
  type ParameterDeclarations,
  pagesOf,
  SECOND,
  withDefaults,
} from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { F2fs } from "./f2fs.ts";
import { DEVICE_BLOCKS_MIN, makeFilesystem } from "./layout.ts";

/** Smallest device, in bytes. */
export const F2FS_DEVICE_MIN: Bytes = bytesOf(DEVICE_BLOCKS_MIN);

/** Bytes that files and their nodes may have on a device. */
export function f2fsRoom(size: Bytes): Bytes {
  const blocks = pagesOf(size);
  return blocks < DEVICE_BLOCKS_MIN ? 0 : bytesOf(makeFilesystem(blocks).userBlocks);
}

const parameters: ParameterDeclarations = {
  checkpoint: {
    type: "duration",
    unit: "ns",
    default: 60 * SECOND,
    min: 1,
    meaning: "time between two checkpoints that nobody asked for (cp_interval)",
  },
  gcPinFileThreshold: {
    type: "number",
    default: 2048,
    min: 0,
    meaning:
      "collections that meet a pinned file and find nothing else before it is moved all the same (gc_pin_file_thresh)",
  },
  backgroundGc: {
    type: "boolean",
    default: true,
    meaning: "garbage is collected while nobody uses the filesystem (background_gc=on)",
  },
  mode: {
    type: "choice",
    choices: ["adaptive", "lfs"],
    default: "adaptive",
    meaning: "lfs: nothing is ever written in place, and swap files are refused",
  },
};

/** The contrast: a filesystem that is a log. */
export const f2fs: FilesystemType = {
  name: "f2fs",
  summary:
    "A log with sections of 2 MiB; garbage collection moves blocks of files that nobody touches. One device.",
  source: "fs/f2fs, Linux 6.1.192; layout as mkfs.f2fs 1.15 makes it by default",
  parameters,
  copyOnWrite: true,
  create(context, devices, options) {
    const [device, ...more] = devices;
    assert(device !== undefined && more.length === 0, "f2fs lies on one device");
    const { checkpoint, gcPinFileThreshold, backgroundGc, mode } = withDefaults(parameters, options);
    assert(typeof checkpoint === "number", "the checkpoint interval of f2fs is a validated duration");
    return new F2fs(context, device, {
      checkpoint,
      pinThreshold: Number(gcPinFileThreshold),
      background: backgroundGc === true,
      isLfs: mode === "lfs",
    });
  },
};
