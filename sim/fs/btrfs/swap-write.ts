import type { Actor } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Inode } from "./inode.ts";
import { hasDataSpace } from "./reserve-data.ts";

/**
 * Asks why a page of swap may not be written through the filesystem. Undefined: with all fixes on it always may, and no
 * page-out pays for an actor that asks.
 */
export function swapWriteRefusal(info: FsInfo, inode: Inode): Actor<Errno | undefined> | undefined {
  const { faults } = info.context;
  const mayRefuse = faults?.has("banSwapWrites") || faults?.has("reserveBeforeNocow");
  return mayRefuse ? refusal(info, inode) : undefined;
}

function* refusal(info: FsInfo, inode: Inode): Actor<Errno | undefined> {
  const { faults } = info.context;
  if (faults?.has("banSwapWrites") && inode.isSwapFile) return "ETXTBSY";
  if (faults?.has("reserveBeforeNocow") && !(yield* hasDataSpace(info))) return "ENOSPC";
  return undefined;
}
