import { FileTransport } from "../file-transport.ts";
import { SeriesTransport, seriesOptions } from "../series-transport.ts";
import type { SwapStrategy } from "../transport.ts";
import { seriesParameters } from "./series-parameters.ts";

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
      choices: ["fixed", "2014"],
      default: "fixed",
      meaning: "fixed: all known fixes of the transport are on; 2014: as the series was on Linux 3.18",
    },
    version: {
      type: "choice",
      choices: ["v2", "v3"],
      default: "v2",
      onlyWith: { parameter: "era", value: "2014" },
      meaning:
        "era 2014: v3 refuses shared extents, and to snapshot, clone or defragment an active swap file",
    },
    ...seriesParameters,
  },
  wantsCowFile: (options) => options["file"] === "cow",
  open: (context, options) => {
    if (options["era"] !== "2014") return new FileTransport(context);
    return new SeriesTransport(context, seriesOptions(options["version"] === "v3" ? "v3" : "v2", options));
  },
};
