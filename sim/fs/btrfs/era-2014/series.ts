import { type Actor, fail } from "../../../engine/index.ts";
import type { OperationResult } from "../../administration.ts";
import type { FileHandle } from "../../file-handle.ts";
import type { Series2014 } from "../../series-2014.ts";
import type { FsInfo } from "../fs-info.ts";
import type { Inode } from "../inode.ts";
import { failed } from "../operation-result.ts";
import { directRead2014 } from "./direct-read.ts";
import { directWrite2014 } from "./direct-write.ts";
import { readpage2014 } from "./readpage.ts";
import { enableSwapFile, swapActivate2014 } from "./swap-activate.ts";
import type { SwapFile2014 } from "./swap-file.ts";

/** btrfs as the 2014 series called it. */
export function series2014(info: FsInfo): Series2014 {
  const of = (file: FileHandle): SwapFile2014 =>
    info.series.files.get(info.inodeOf(file)) ?? fail("swap goes to an activated file");
  return {
    dirtiesPages: "locking",
    readpageTakesSwapCache: false,
    swapActivate: (file, options) => swapActivate2014(info, info.inodeOf(file), options),
    enabled: (file) => enableSwapFile(info.inodeOf(file)),
    swapDeactivate: (file) => {
      info.inodeOf(file).swapActive = false;
      info.inodeOf(file).isSwapFile = false;
      info.series.files.delete(info.inodeOf(file));
    },
    directWrite: (file, block, content) => directWrite2014(info, of(file), block, content),
    directRead: (file, block) => directRead2014(info, of(file), block),
    readpage: (file, block, end) => readpage2014(info, of(file), block, end),
  };
}

/** v3 answers ETXTBSY where v2 lets an operation share or move the blocks of an active swap file. */
export function* unlessHeldByV3(
  info: FsInfo,
  inodes: Iterable<Inode>,
  operation: string,
  run: Actor<OperationResult>,
): Actor<OperationResult> {
  for (const inode of inodes) {
    if (!inode.swapActive || info.series.files.get(inode)?.options.version !== "v3") continue;
    const reason = "an active swap file (v3 of the series)";
    info.context.observer.relocated(inode.owner, 0, inode.size, "refused", operation, reason);
    return failed("ETXTBSY", "nothing", [{ what: inode.path, reason }]);
  }
  return yield* run;
}

/** With patch 4 chattr leaves NOCOW and COMPRESS of an active swap file alone, and says nothing. */
export function keepsFlags(info: FsInfo, inode: Inode): boolean {
  return inode.swapActive && info.series.files.get(inode)?.options.patches.has(4) === true;
}
