import type { OperationState } from "./operation-state.ts";
import type { Rule } from "./rule.ts";

/** What is asked before a device goes, or is scrubbed. */
type DeviceRule = Rule<OperationState>;

/** A device with an active swap file stays where it is. */
export function swapDevice(verb: string, source: string): DeviceRule {
  return {
    condition: "the device holds an active swap file",
    when: ({ swapDevice: pinned }) => pinned,
    errno: "ETXTBSY",
    message: ({ device }) => `cannot ${verb} device ${device} due to active swapfile`,
    mechanism: "pin of the device",
    source,
    since: 5000,
  };
}

// The kernel says which profile it is by a number of its own, which btrfs-progs puts into words.
export const TOO_FEW_DEVICES: DeviceRule = {
  condition: "the profiles of the chunks need the device",
  when: ({ tooFewDevices }) => tooFewDevices,
  errno: "EINVAL",
  mechanism: "layout",
  source: "btrfs_check_raid_min_devices",
};
export const LAST_WRITABLE: DeviceRule = {
  condition: "it is the last device that can be written to",
  when: ({ lastWritable }) => lastWritable,
  errno: "EINVAL",
  mechanism: "layout",
  source: "btrfs_rm_device",
};
export const SCRUB_BUSY: DeviceRule = {
  condition: "the devices are being scrubbed already, or one of them replaced",
  when: ({ scrubRuns, exclusive }) => scrubRuns || exclusive === "device replace",
  errno: "EINPROGRESS",
  mechanism: "exclusive operation",
  source: "btrfs_scrub_dev",
};
