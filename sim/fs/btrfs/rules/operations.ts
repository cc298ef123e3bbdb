import { LAST_WRITABLE, SCRUB_BUSY, swapDevice, TOO_FEW_DEVICES } from "./devices.ts";
import type { OperationState } from "./operation-state.ts";
import type { DecisionList, Rule } from "./rule.ts";
import { DEDUPE_BESIDE_SEND, DELETE_DURING_SEND, SEND, WRITABLE_DURING_SEND } from "./send.ts";

type OperationRule = Rule<OperationState>;

const READ_ONLY_FS: OperationRule = {
  condition: "the filesystem is read-only",
  when: ({ readOnlyFilesystem }) => readOnlyFilesystem,
  errno: "EROFS",
  mechanism: "read-only state",
  source: "mnt_want_write",
};
const READ_ONLY_SUBVOLUME: OperationRule = {
  condition: "the subvolume is read-only",
  when: ({ readOnlySubvolume }) => readOnlySubvolume,
  errno: "EROFS",
  mechanism: "read-only state",
  source: "btrfs_permission",
};
const READ_ONLY_PARENT: OperationRule = {
  condition: "the subvolume in which the name is or would be is read-only",
  when: ({ readOnlyParent }) => readOnlyParent,
  errno: "EROFS",
  mechanism: "read-only state",
  source: "btrfs_permission",
};
const IMMUTABLE: OperationRule = {
  condition: "the file is immutable",
  when: ({ immutable }) => immutable,
  errno: "EPERM",
  mechanism: "flags",
  source: "inode_permission",
};
/** What an append-only file refuses; an open for writing that does not only append is refused like the write after it. */
function appendOnly(source: string): OperationRule {
  return {
    condition: "the file is append-only",
    when: (state) => state.appendOnly,
    errno: "EPERM",
    mechanism: "flags",
    source,
  };
}
const APPEND_ONLY = appendOnly("may_open");
const NOT_MOUNTED: OperationRule = {
  condition: "nothing is mounted there",
  when: ({ unmounted }) => unmounted,
  errno: "EINVAL",
  mechanism: "mount state",
  source: "path_mounted",
};
const FROZEN: OperationRule = {
  condition: "the filesystem is frozen",
  when: ({ frozen }) => frozen,
  errno: "EBUSY",
  mechanism: "mount state",
  source: "reconfigure_super",
};
const WRITABLE: DecisionList<OperationState> = [READ_ONLY_FS, READ_ONLY_SUBVOLUME, IMMUTABLE];

/** s_maxbytes; that of the model is smaller, because its keys are. */
function tooLong(source: string): OperationRule {
  return {
    condition: "the file would become longer than a file can be",
    when: (state) => state.tooLong,
    errno: "EFBIG",
    mechanism: "size",
    source,
  };
}

function textBusy(source: string, since = 0): OperationRule {
  return {
    condition: "the file is an active swap file",
    when: ({ swapFile }) => swapFile,
    errno: "ETXTBSY",
    mechanism: "flag of the swap file",
    source,
    since,
  };
}

/** A test that came to btrfs itself with swap_activate. */
function activatedBusy(source: string): OperationRule {
  return {
    condition: "btrfs has activated the file as swap file",
    when: ({ swapActivated }) => swapActivated,
    errno: "ETXTBSY",
    mechanism: "pin of the swap file",
    source,
    since: 5000,
  };
}

function notPermitted(source: string): OperationRule {
  return { ...textBusy(source), errno: "EPERM" };
}

function exclusiveBusy(source: string): OperationRule {
  return {
    condition: "another exclusive operation runs",
    when: ({ exclusive }) => exclusive !== undefined,
    errno: "EINPROGRESS",
    mechanism: "exclusive operation",
    source,
  };
}

const SNAPSHOT_BUSY: OperationRule = {
  condition: "the subvolume has an active swap file",
  when: ({ swapSubvolume }) => swapSubvolume,
  errno: "ETXTBSY",
  message: () => "cannot snapshot subvolume with active swapfile",
  mechanism: "pin of the subvolume",
  source: "create_snapshot",
  since: 5000,
};
const DELETE_BUSY: OperationRule = {
  condition: "the subvolume has an active swap file",
  when: ({ swapSubvolume }) => swapSubvolume,
  errno: "EPERM",
  // The kernel names the one above (known oddity of 6.1).
  message: ({ parent }) => `attempt to delete subvolume ${parent} with active swapfile`,
  mechanism: "pin of the subvolume",
  source: "btrfs_delete_subvolume",
  since: 5018,
};
const RELOCATE_SKIP: OperationRule = {
  condition: "the block group has extents of an active swap file",
  when: ({ swapGroup }) => swapGroup,
  errno: undefined,
  message: ({ group }) => `skipping relocation of block group ${group} due to active swapfile`,
  mechanism: "pin of the block group",
  source: "btrfs_relocate_chunk",
  since: 5000,
};
const SHRINK_BUSY: OperationRule = {
  ...RELOCATE_SKIP,
  errno: "ETXTBSY",
  message: ({ group }) => `could not shrink block group ${group} due to active swapfile`,
  source: "btrfs_shrink_device",
};
const SCRUB_SKIP: OperationRule = {
  ...RELOCATE_SKIP,
  message: ({ group }) => `skipping scrub of block group ${group} due to active swapfile`,
  source: "scrub_enumerate_chunks",
  since: 5012,
};
const RECLAIM_SKIP: OperationRule = {
  condition: RELOCATE_SKIP.condition,
  when: RELOCATE_SKIP.when,
  errno: undefined,
  mechanism: RELOCATE_SKIP.mechanism,
  source: "btrfs_reclaim_bgs_work",
  since: 5013,
};
const CHECKSUMS_DIFFER: OperationRule = {
  condition: "one of the files has checksums and the other has none",
  when: ({ sameChecksums }) => !sameChecksums,
  errno: "EINVAL",
  mechanism: "flags",
  source: "btrfs_remap_file_range_prep",
};
/** What chattr asks of the flags before and after it. */
const CHATTR: DecisionList<OperationState> = [
  READ_ONLY_FS,
  READ_ONLY_SUBVOLUME,
  {
    condition: "+c and +m exclude each other",
    when: ({ compressedAndNot }) => compressedAndNot,
    errno: "EINVAL",
    mechanism: "flags",
    source: "check_fsflags",
  },
  {
    condition: "+C excludes +c and +m, before and after the change",
    when: ({ compressionAndNocow }) => compressionAndNocow,
    errno: "EINVAL",
    mechanism: "flags",
    source: "check_fsflags",
    since: 5000,
  },
];

/** Operations that have a decision list. */
export type RuledOperation =
  | "write"
  | "create"
  | "open for writing"
  | "map shared"
  | "store through an old mapping"
  | "set attributes"
  | "truncate"
  | "fallocate"
  | "copy range"
  | "reflink"
  | "dedupe"
  | "dedupe into"
  | "defrag"
  | "unlink"
  | "rename"
  | "rename onto itself"
  | "link"
  | "chattr"
  | "chattr +c"
  | "set compression"
  | "snapshot"
  | "set property"
  | "subvolume create"
  | "subvolume delete"
  | "subvolume set read-only"
  | "subvolume set writable"
  | "send"
  | "balance"
  | "relocate block group"
  | "shrink block group"
  | "scrub block group"
  | "reclaim block group"
  | "device add"
  | "device remove"
  | "device replace"
  | "resize"
  | "scrub"
  | "remount"
  | "remount read-only"
  | "umount";

/** What each operation asks, in order. An operation that is not here is never refused for what the model knows. */
export const OPERATION_RULES: Readonly<Record<RuledOperation, DecisionList<OperationState>>> = {
  write: [
    ...WRITABLE,
    APPEND_ONLY,
    textBusy("generic_write_checks", 5003),
    tooLong("generic_write_check_limits"),
  ],
  create: [READ_ONLY_FS, READ_ONLY_SUBVOLUME],
  "open for writing": [...WRITABLE, APPEND_ONLY],
  "map shared": [...WRITABLE, APPEND_ONLY, textBusy("do_mmap", 5003)],
  "store through an old mapping": [{ ...textBusy("do_page_mkwrite"), errno: "SIGBUS", since: 5003 }],
  "set attributes": [...WRITABLE, appendOnly("may_setattr")],
  truncate: [
    ...WRITABLE,
    APPEND_ONLY,
    { ...textBusy("inode_newsize_ok"), when: ({ swapFile, shrinks }) => swapFile && shrinks },
    tooLong("inode_newsize_ok"),
  ],
  fallocate: [...WRITABLE, APPEND_ONLY, textBusy("vfs_fallocate"), tooLong("vfs_fallocate")],
  "copy range": [...WRITABLE, APPEND_ONLY, textBusy("generic_copy_file_checks", 5003)],
  reflink: [...WRITABLE, APPEND_ONLY, CHECKSUMS_DIFFER, textBusy("generic_remap_file_range_prep", 5000)],
  dedupe: [READ_ONLY_FS, CHECKSUMS_DIFFER, textBusy("generic_remap_file_range_prep", 5000)],
  "dedupe into": [DEDUPE_BESIDE_SEND],
  defrag: [READ_ONLY_FS, READ_ONLY_SUBVOLUME, activatedBusy("btrfs_defrag_file")],
  unlink: [...WRITABLE, appendOnly("may_delete"), notPermitted("may_delete")],
  rename: [...WRITABLE, appendOnly("may_delete"), notPermitted("may_delete")],
  "rename onto itself": [READ_ONLY_FS],
  link: [...WRITABLE, appendOnly("vfs_link")],
  chattr: CHATTR,
  "chattr +c": [...CHATTR, activatedBusy("btrfs_fileattr_set")],
  "set compression": [
    READ_ONLY_FS,
    READ_ONLY_SUBVOLUME,
    {
      condition: "the file is without copy-on-write or checksums",
      when: ({ nocow }) => nocow,
      errno: "EINVAL",
      mechanism: "flags",
      source: "prop_compression_validate",
      since: 5014,
    },
  ],
  snapshot: [READ_ONLY_FS, READ_ONLY_PARENT, SNAPSHOT_BUSY],
  "set property": [READ_ONLY_FS],
  "subvolume create": [READ_ONLY_FS, READ_ONLY_PARENT],
  "subvolume delete": [READ_ONLY_FS, READ_ONLY_PARENT, DELETE_DURING_SEND, DELETE_BUSY],
  "subvolume set read-only": [READ_ONLY_FS],
  "subvolume set writable": [READ_ONLY_FS, WRITABLE_DURING_SEND],
  send: SEND,
  balance: [READ_ONLY_FS, exclusiveBusy("btrfs_ioctl_balance")],
  "relocate block group": [RELOCATE_SKIP],
  "shrink block group": [SHRINK_BUSY],
  "scrub block group": [SCRUB_SKIP],
  "reclaim block group": [RECLAIM_SKIP],
  "device add": [
    READ_ONLY_FS,
    {
      ...exclusiveBusy("btrfs_ioctl_add_dev"),
      condition: "another exclusive operation runs, except a paused balance",
      when: ({ exclusive }) => exclusive !== undefined && exclusive !== "balance paused",
    },
  ],
  "device remove": [
    READ_ONLY_FS,
    exclusiveBusy("btrfs_ioctl_rm_dev"),
    TOO_FEW_DEVICES,
    swapDevice("remove", "btrfs_rm_device"),
    LAST_WRITABLE,
  ],
  "device replace": [
    READ_ONLY_FS,
    exclusiveBusy("btrfs_ioctl_dev_replace"),
    swapDevice("replace", "btrfs_init_dev_replace_tgtdev"),
  ],
  resize: [READ_ONLY_FS, exclusiveBusy("btrfs_ioctl_resize")],
  scrub: [READ_ONLY_FS, SCRUB_BUSY],
  remount: [NOT_MOUNTED, FROZEN],
  "remount read-only": [
    NOT_MOUNTED,
    FROZEN,
    {
      condition:
        "a file is open for writing, as every active swap file is, or an operation that changes it runs",
      when: ({ busy }) => busy,
      errno: "EBUSY",
      mechanism: "flag of the swap file",
      source: "sb_prepare_remount_readonly",
    },
  ],
  umount: [
    NOT_MOUNTED,
    {
      condition: "a file is open, as every active swap file is",
      when: ({ busy }) => busy,
      errno: "EBUSY",
      mechanism: "flag of the swap file",
      source: "propagate_mount_busy",
    },
  ],
};
