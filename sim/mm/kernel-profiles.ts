import { Registry, type RegistryEntry } from "../engine/index.ts";

/** The rules of one kernel version, as traits that shared code reads. */
export interface KernelProfile extends RegistryEntry {
  /** Name of the reclaim policy it uses. */
  readonly policy: string;
  /** A read swap-in of a page with one user is mapped writable at once, so that a later write is no fault. */
  readonly readSwapInMapsWritable: boolean;
}

export const kernelProfiles: Registry<KernelProfile> = new Registry("kernel profile", [
  {
    name: "linux-6.1",
    summary: "Linux 6.1 with the classic LRU, the profile that is held against measurements.",
    source: "Linux 6.1.192",
    parameters: {},
    policy: "classic",
    readSwapInMapsWritable: false,
  },
]);
