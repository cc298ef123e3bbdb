import { readFileSync } from "node:fs";
import { searches } from "../../sim/index.ts";

/** The text of a file of `workloads/explore`. */
export const shipped = (name: string): string =>
  readFileSync(new URL(`../../workloads/explore/${name}.yaml`, import.meta.url), "utf8");

/** A machine so small that all its schedules can be tried: tasks and steps are added. */
export function tiny(parts: {
  tasks?: string;
  timeline?: string;
  strategies?: string;
  swap?: string;
}): string {
  const { tasks = "", timeline = "", strategies = "[pinned, bmap, direct-io]" } = parts;
  return `
name: tiny
machine: { memory: 8MiB, cpus: 2 }
storage:
  vda: { model: hdd-7200, size: 256MiB }
filesystem:
  type: btrfs
  devices: [vda]
  files:
    /swapfile: { size: 64KiB, nocow: true }
    /db: { size: 64KiB }
swap: [{ path: /swapfile }]
strategies: ${strategies}
${tasks === "" ? "" : `tasks:\n${tasks}`}
duration: 60s
${timeline === "" ? "" : `timeline:\n${timeline}`}
`;
}

export const searchNamed = (name: string) => searches.require(name);
