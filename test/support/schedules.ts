import type { Schedule } from "../../sim/index.ts";

/** With `workloads/explore/basic.yaml` and bmap: swap writes to where its file once lay, and that is /db by then. */
export const AFTER_EACH_OTHER: Schedule = [
  { run: "balance" },
  { run: "commit" },
  { run: "write" },
  { run: "program" },
];

/** In the series of 2014 without its first patch, a page that comes back waits for a lock that its own reader holds. */
export const SELF_LOCK = `
name: a page that is locked by who reads it
machine: { memory: 8MiB, cpus: 2, kernel: linux-3.18 }
storage:
  vda: { model: ssd-sata, size: 256MiB }
filesystem: { type: btrfs, devices: [vda], files: { /swapfile: { size: 1MiB, nocow: true } } }
swap: [{ path: /swapfile }]
strategies: [{ direct-io: { era: "2014", patch1: false } }]
tasks:
  program: { script: [store 0, pageout 0, load 0] }
duration: 4s
`;

export const SELF_LOCK_STRATEGY = "direct-io(era=2014,patch1=false)";
