import { ALLOCATION_SITES } from "../../../sim/index.ts";
import type { FieldDeclarations } from "../declared.ts";

/** How `pagestorm explore` goes about it; a timed run does not look at it. */
export const EXPLORE_FIELDS: FieldDeclarations = {
  from: {
    type: "duration",
    optional: true,
    meaning:
      "up to then everything happens in the order of time; left out: up to the end of swapon at boot. What is due then may happen in any order, what is due later when nobody else can go on",
  },
  allocationsFail: {
    type: "boolean",
    default: false,
    meaning: "any allocation of kernel memory that can fail may; each costs one of the bound",
  },
  memoryShort: {
    type: "choice",
    choices: ["any", ...ALLOCATION_SITES],
    optional: true,
    meaning:
      "what the filesystem allocates may find memory used up, so that its task reclaims: this, or any; each time costs one of the bound",
  },
  ioFails: {
    type: "choice",
    choices: ["any", "read", "write"],
    optional: true,
    meaning:
      "requests to a device that may end with EIO, each at the cost of one of the bound; left out: none",
  },
};
