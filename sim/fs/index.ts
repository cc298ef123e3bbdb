export type { Errno } from "./errno.ts";
export * from "./filesystem.ts";
