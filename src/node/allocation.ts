import { setFlagsFromString } from "node:v8";

/**
 * Tells V8 to make every object young. Where most objects of one kind were alive when it looked, it makes the next ones old
 * at once; a machine has many of those, of which one is alive at a time. They then keep everything that they refer to until
 * the next full collection: making a machine, which an explorer does for each schedule, took twice as long. To be called
 * before the first machine is made. From Node 22 on V8 takes no flags any more once it runs, and this does nothing.
 */
export function allocateYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
