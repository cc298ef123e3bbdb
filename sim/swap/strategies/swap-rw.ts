import { BatchTransport } from "../batch-transport.ts";
import type { SwapStrategy } from "../transport.ts";

/** 5.19 and later: asynchronous requests of up to 32 pages through the filesystem. */
export const swapRw: SwapStrategy = {
  name: "swap-rw",
  summary: "Asynchronous requests of up to 32 pages through the filesystem; extents may move.",
  source: "swap_rw, mm/page_io.c, Linux 5.19 to 6.18 (NFS, CIFS); on btrfs a study",
  targets: "file",
  parameters: {
    file: {
      type: "choice",
      choices: ["nocow", "cow"],
      default: "nocow",
      meaning: "cow makes the swap file copy-on-write: a study",
    },
  },
  wantsCowFile: (options) => options["file"] === "cow",
  open: (context) => new BatchTransport(context),
};
