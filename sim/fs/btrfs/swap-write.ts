import type { Actor } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { hasDataSpace } from "./reserve-data.ts";

/** Why a page of swap may not be written through the filesystem; undefined if it may. All fixes on: it always may. */
export function* swapWriteRefusal(info: FsInfo, inode: Inode): Actor<Errno | undefined> {
  const { faults } = info.context;
  if (faults?.has("banSwapWrites") && inode.isSwapFile) return "ETXTBSY";
  if (faults?.has("reserveBeforeNocow") && !(yield* hasDataSpace(info))) return "ENOSPC";
  return undefined;
}
