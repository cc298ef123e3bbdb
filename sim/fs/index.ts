export type { Errno } from "./errno.ts";
export * from "./filesystem.ts";
export { operations } from "./operations/index.ts";
export { filesystemTypes } from "./types.ts";
