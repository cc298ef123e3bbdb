import { Registry } from "../../engine/index.ts";
import { balance } from "./balance.ts";
import { defrag } from "./defrag.ts";
import { fstrim } from "./fstrim.ts";
import type { Operation } from "./operation.ts";
import { reflink } from "./reflink.ts";
import { snapshot } from "./snapshot.ts";
import { sync } from "./sync.ts";
import { unlink } from "./unlink.ts";

/** Everything a timeline step can do. */
export const operations: Registry<Operation> = new Registry("operation", [
  balance,
  defrag,
  snapshot,
  reflink,
  unlink,
  sync,
  fstrim,
]);
