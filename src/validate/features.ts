import type { MeasuredMachine } from "./measured-machine.ts";

/** Something that a measured machine has and a simulator needs a model of. */
export interface Feature {
  readonly name: string;
  readonly neededBy: (machine: MeasuredMachine) => boolean;
  /** `yes`: as the kernel does it. `no`: rows that need it are skipped. Otherwise how it is approximated. */
  readonly modelled: "yes" | "no" | { readonly approximately: string };
}

const hasGroup = ({ group }: MeasuredMachine): boolean => group !== undefined;

/**
 * The table that says how far the model goes. A new part of the memory model is switched on here, and experiment.ts
 * hands it to the machine; nothing else in the harness changes.
 */
export const FEATURES: readonly Feature[] = [
  {
    name: "a kernel other than 6.1",
    neededBy: ({ kernel }) => !/^6\.1\./.test(kernel),
    modelled: "no",
  },
  { name: "memory cgroup limits", neededBy: hasGroup, modelled: "yes" },
  {
    name: "several zones",
    neededBy: ({ zones, group }) => zones.length > 1 && group === undefined,
    modelled: "yes",
  },
  {
    name: "several CPUs",
    neededBy: ({ cpus }) => cpus > 1,
    modelled: { approximately: "several that share one set of per-CPU lists, batches and stocks" },
  },
  { name: "MGLRU", neededBy: ({ lru }) => lru === "mglru", modelled: "yes" },
  {
    name: "swappiness above 200",
    neededBy: ({ swappiness }) => swappiness > 200,
    modelled: "no",
  },
  {
    // With a window of one page both kinds of readahead read the page that faulted and nothing else; zram has none.
    name: "VMA readahead",
    neededBy: ({ vmaReadahead, pageCluster, swap }) =>
      vmaReadahead && pageCluster > 0 && swap.backend !== "zram",
    modelled: "yes",
  },
  {
    name: "file pages in memory",
    neededBy: ({ workload }) => workload.some(({ file }) => file !== undefined),
    modelled: "yes",
  },
  { name: "zswap", neededBy: ({ zswap }) => zswap !== undefined, modelled: "yes" },
  { name: "zram", neededBy: ({ swap }) => swap.backend === "zram", modelled: "yes" },
  { name: "swap over NFS", neededBy: ({ swap }) => swap.backend === "nfs", modelled: "yes" },
  {
    name: "an unknown kind of swap",
    neededBy: ({ swap }) => swap.backend === "unknown",
    modelled: "no",
  },
  {
    name: "a limited request rate",
    neededBy: ({ requestsPerSecond }) => requestsPerSecond !== undefined,
    modelled: "yes",
  },
];

/** Names of the features that the machine needs and the model lacks. */
export function missingFeatures(machine: MeasuredMachine): readonly string[] {
  return FEATURES.filter(({ modelled, neededBy }) => modelled === "no" && neededBy(machine)).map(
    ({ name }) => name,
  );
}

/** What is only approximated on this machine, in words. */
export function approximations(machine: MeasuredMachine): readonly string[] {
  return FEATURES.flatMap(({ name, neededBy, modelled }) =>
    typeof modelled === "object" && neededBy(machine) ? [`${name} as ${modelled.approximately}`] : [],
  );
}
