export { fileOperations, pagesWith, unlink } from "./file-operations.ts";
export { type CommittedInode, Inode } from "./inode.ts";
export { mountOperations } from "./mount.ts";
export { MountedVolume } from "./mounted-volume.ts";
export { activeSwap, answer, gone, refusal, refusesWrite } from "./rules.ts";
