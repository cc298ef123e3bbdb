import { PAGE_SIZE } from "../../../sim/index.ts";
import type { Catalogue } from "../catalogue.ts";
import type { FieldDeclaration, FieldDeclarations } from "../declared.ts";

const TIB = 2 ** 40;

export function deviceFields(catalogue: Catalogue): FieldDeclarations {
  return {
    model: { type: "choice", choices: catalogue.deviceModels.names(), meaning: "the kind of device" },
    size: {
      type: "size",
      min: PAGE_SIZE,
      max: 64 * TIB,
      multipleOf: PAGE_SIZE,
      meaning: "capacity of the device",
    },
    rotational: {
      type: "boolean",
      optional: true,
      meaning: "what the kernel is told in queue/rotational; left out: the truth",
    },
    requestsPerSecond: {
      type: "integer",
      optional: true,
      min: 1,
      max: 10_000_000,
      meaning: "limit of requests a second, as an I/O throttle sets it; left out: none",
    },
    readErrors: share("reads that end with EIO"),
    writeErrors: share("writes that end with EIO and change nothing"),
    spikes: share("requests that take spikeTime longer"),
    tornWrites: share("writes under way at a power loss of which only a part reaches the medium"),
    spikeTime: { type: "duration", optional: true, min: 0, meaning: "how much longer; left out: no longer" },
  };
}

/** A device that lies over something else, whose size it has. */
export function stackedFields(catalogue: Catalogue): FieldDeclarations {
  return {
    model: {
      type: "choice",
      choices: catalogue.stackedDevices.names(),
      meaning: "the kind of stacked device",
    },
    over: { type: "text", meaning: "what it lies over: a device of storage, or a file of the filesystem" },
  };
}

/** A share of the requests of a device to which something happens. */
function share(what: string): FieldDeclaration {
  return { type: "number", optional: true, min: 0, max: 1, meaning: `share of ${what}; left out: none` };
}

/** One file of the filesystem. */
export const FILE_FIELDS: FieldDeclarations = {
  size: { type: "size", min: PAGE_SIZE, max: 64 * TIB, multipleOf: PAGE_SIZE, meaning: "length of the file" },
  nocow: { type: "boolean", default: false, meaning: "chattr +C: writes in place, no checksums" },
  preallocated: { type: "boolean", default: false, meaning: "made with fallocate; otherwise written once" },
  extents: {
    type: "integer",
    default: 1,
    min: 1,
    max: 10_000_000,
    meaning: "pieces the file is cut into on disk",
  },
};

/** One swap area; it also has `path` or `device`. */
export const SWAP_FIELDS: FieldDeclarations = {
  pages: {
    type: "integer",
    optional: true,
    min: 10,
    max: Number.MAX_SAFE_INTEGER,
    meaning: "pages that the header made by mkswap promises; left out: the whole file or device",
  },
  priority: {
    type: "integer",
    optional: true,
    min: 0,
    max: 32767,
    meaning: "swapon --priority; left out: the kernel counts down",
  },
};
