import { FileTransport } from "../file-transport.ts";
import type { SwapStrategy } from "../transport.ts";

/** Interface v2 of the 2014 series: every page goes through the filesystem, so extents may move. */
export const directIo: SwapStrategy = {
  name: "direct-io",
  summary:
    "Every page through the filesystem's direct_IO, one page at a time, synchronous; extents may move.",
  source: "btrfs swap file series v2, November 2014 (swap: use direct I/O for SWP_FILE swap_readpage)",
  targets: "file",
  parameters: {
    file: {
      type: "choice",
      choices: ["nocow", "cow"],
      default: "nocow",
      meaning: "cow makes the swap file copy-on-write, which the series refused: a study",
    },
    era: {
      type: "choice",
      choices: ["fixed"],
      default: "fixed",
      meaning: "fixed: all known fixes of the transport are on",
    },
  },
  wantsCowFile: (options) => options["file"] === "cow",
  open: (context) => new FileTransport(context),
};
