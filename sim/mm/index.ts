export type { AccessSource, InterleavedFileReads } from "./access-pattern.ts";
