import type { OperationState } from "./operation-state.ts";
import type { DecisionList, Rule } from "./rule.ts";

/** What a send and whoever changes a subvolume ask of each other. */
type SendRule = Rule<OperationState>;

const NOT_READ_ONLY: SendRule = {
  condition: "the subvolume is writable",
  when: ({ readOnlySubvolume }) => !readOnlySubvolume,
  errno: "EPERM",
  mechanism: "read-only state",
  source: "btrfs_ioctl_send",
};
// Each of the two refuses to begin beside the other since 62d54f3a7fa2 (5.2).
const SEND_BESIDE_DEDUPE: SendRule = {
  condition: "a deduplication into the subvolume runs",
  when: ({ readOnlySubvolume, dedupes }) => readOnlySubvolume && dedupes > 0,
  errno: "EAGAIN",
  message: ({ subvolume, dedupes }) =>
    `cannot use root ${subvolume} for send while deduplications on it are in progress (${dedupes} in progress)`,
  mechanism: "send in progress",
  source: "btrfs_ioctl_send",
  since: 5002,
};
export const DEDUPE_BESIDE_SEND: SendRule = {
  condition: "a send reads the subvolume of the target",
  when: ({ sends }) => sends > 0,
  errno: "EAGAIN",
  message: ({ subvolume, sends }) =>
    `cannot deduplicate to root ${subvolume} while send operations are using it (${sends} in progress)`,
  mechanism: "send in progress",
  source: "btrfs_extent_same",
  since: 5002,
};

function sendRuns(message: (subvolume: number) => string, source: string): SendRule {
  return {
    condition: "a send reads the subvolume",
    when: ({ sends }) => sends > 0,
    errno: "EPERM",
    message: ({ subvolume }) => message(subvolume),
    mechanism: "send in progress",
    source,
  };
}

export const DELETE_DURING_SEND: SendRule = sendRuns(
  (subvolume) => `attempt to delete subvolume ${subvolume} during send`,
  "btrfs_delete_subvolume",
);
export const WRITABLE_DURING_SEND: SendRule = sendRuns(
  (subvolume) => `Attempt to set subvolume ${subvolume} read-write during send`,
  "btrfs_ioctl_subvol_setflags",
);

/** Of the kernels between 5.1 and 5.16, none of which is here, a send also refuses to run beside a balance. */
export const SEND: DecisionList<OperationState> = [SEND_BESIDE_DEDUPE, NOT_READ_ONLY];
