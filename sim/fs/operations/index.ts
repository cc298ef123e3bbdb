import { Registry } from "../../engine/index.ts";
import { abortTransaction } from "./abort-transaction.ts";
import { access } from "./access.ts";
import { balance } from "./balance.ts";
import { balanceCancel } from "./balance-cancel.ts";
import { balancePause } from "./balance-pause.ts";
import { balanceResume } from "./balance-resume.ts";
import { chattr } from "./chattr.ts";
import { cloneRange } from "./clone-range.ts";
import { compression } from "./compression.ts";
import { copyRange } from "./copy-range.ts";
import { create } from "./create.ts";
import { dedupe } from "./dedupe.ts";
import { defrag } from "./defrag.ts";
import { deviceAdd } from "./device-add.ts";
import { deviceFail } from "./device-fail.ts";
import { deviceRemove } from "./device-remove.ts";
import { deviceReplace } from "./device-replace.ts";
import { fallocate } from "./fallocate.ts";
import { filefrag } from "./filefrag.ts";
import { freeze } from "./freeze.ts";
import { fstrim } from "./fstrim.ts";
import { gc } from "./gc.ts";
import { interleave } from "./interleave.ts";
import { interrupt } from "./interrupt.ts";
import { link } from "./link.ts";
import { memoryLimit } from "./memory-limit.ts";
import { mkswap } from "./mkswap.ts";
import { open } from "./open.ts";
import type { Operation } from "./operation.ts";
import { pinFile } from "./pin-file.ts";
import { powerLoss } from "./power-loss.ts";
import { read } from "./read.ts";
import { reflink } from "./reflink.ts";
import { remount } from "./remount.ts";
import { rename } from "./rename.ts";
import { resize } from "./resize.ts";
import { resizeCancel } from "./resize-cancel.ts";
import { scrub } from "./scrub.ts";
import { searchTree } from "./search-tree.ts";
import { send } from "./send.ts";
import { serverRestart } from "./server-restart.ts";
import { setProperty } from "./set-property.ts";
import { snapshot } from "./snapshot.ts";
import { subvolumeCreate } from "./subvolume-create.ts";
import { subvolumeDelete } from "./subvolume-delete.ts";
import { subvolumeSetReadonly } from "./subvolume-set-readonly.ts";
import { subvolumeSync } from "./subvolume-sync.ts";
import { swapoff } from "./swapoff.ts";
import { swapon } from "./swapon.ts";
import { sync } from "./sync.ts";
import { thaw } from "./thaw.ts";
import { truncate } from "./truncate.ts";
import { umount } from "./umount.ts";
import { unlink } from "./unlink.ts";
import { write } from "./write.ts";

/** Everything a timeline step can do. */
export const operations: Registry<Operation> = new Registry("operation", [
  balance,
  balancePause,
  balanceResume,
  balanceCancel,
  defrag,
  scrub,
  resize,
  resizeCancel,
  deviceAdd,
  deviceRemove,
  deviceReplace,
  deviceFail,
  serverRestart,
  snapshot,
  subvolumeCreate,
  subvolumeDelete,
  subvolumeSetReadonly,
  send,
  subvolumeSync,
  reflink,
  cloneRange,
  dedupe,
  copyRange,
  create,
  interleave,
  open,
  read,
  write,
  access,
  truncate,
  fallocate,
  link,
  rename,
  unlink,
  chattr,
  compression,
  sync,
  fstrim,
  gc,
  pinFile,
  freeze,
  thaw,
  remount,
  umount,
  setProperty,
  filefrag,
  searchTree,
  mkswap,
  swapon,
  swapoff,
  interrupt,
  memoryLimit,
  abortTransaction,
  powerLoss,
]);
