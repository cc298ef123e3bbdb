import { Registry } from "../../../engine/index.ts";
import { bcachefs } from "./index-updates.ts";
import { zfs } from "./transaction-groups.ts";
import type { WritePathKind } from "./write-path.ts";

export type { WritePath, WritePathKind } from "./write-path.ts";

/** Whose write path a page-out can take instead of that of btrfs. */
export const writePaths: Registry<WritePathKind> = new Registry("write path", [bcachefs, zfs]);
